import { z } from "zod";
import type { PackageVariable } from "./package-settings.ts";
import * as readers from "./readers.ts";

interface Range {
  readonly min: number;
  readonly max: number;
  /** The default, and the example. */
  readonly initial: number;
}

/** @param noun - The kind of the number, such as "a whole number of bytes". */
export function whole(noun: string, { min, max, initial }: Range) {
  return {
    read: readers.number,
    schema: z.number().int().min(min).max(max).default(initial),
    expected: `${noun} from ${min} to ${max}`,
    example: `${initial}`,
  } satisfies Partial<PackageVariable>;
}

/** Seconds in the environment and here, milliseconds in code. */
export function seconds({ min, max, initial }: Range) {
  const [minMs, maxMs] = [min * 1000, max * 1000];
  return {
    read: readers.seconds,
    schema: z
      .number()
      .min(minMs)
      .max(maxMs)
      .transform(Math.round)
      .default(initial * 1000),
    expected: `a number of seconds from ${min} to ${max}`,
    expectedInCode: `a number of milliseconds from ${minMs} to ${maxMs}`,
    example: `${initial}`,
  } satisfies Partial<PackageVariable>;
}
