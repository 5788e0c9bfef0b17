import { z } from "zod";
import type { PackageVariable } from "./package-settings.ts";

interface Range {
  readonly min: number;
  readonly max: number;
  /** The default, and the example. */
  readonly initial: number;
}

/** @param noun - The kind of the number, such as "a whole number of bytes". */
export function whole(noun: string, { min, max, initial }: Range) {
  return {
    schema: z.coerce.number().int().min(min).max(max).default(initial),
    expected: `${noun} from ${min} to ${max}`,
    example: `${initial}`,
  } satisfies Partial<PackageVariable>;
}

/** Seconds in the environment and here, milliseconds in code. */
export function seconds({ min, max, initial }: Range) {
  return {
    schema: z.coerce.number().min(min).max(max).default(initial),
    expected: `a number of seconds from ${min} to ${max}`,
    example: `${initial}`,
    inMs: {
      expected: `a number of milliseconds from ${min * 1000} to ${max * 1000}`,
      example: `${initial * 1000}`,
    },
  } satisfies Partial<PackageVariable>;
}
