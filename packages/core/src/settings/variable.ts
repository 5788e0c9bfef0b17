import { z } from "zod";
import { boolean, limit, number, seconds, text, type Reader } from "./readers.ts";
import { httpUrl, key } from "./schemas.ts";

/** How one setting is read, checked and explained. */
export interface Variable<Value> {
  /** Name in the environment. */
  readonly variable: string;
  /** Turns the text of the environment into a value for the schema. */
  readonly read: Reader;
  /** Checks the value, whether it was read from the environment or given in code. */
  readonly schema: z.ZodType<Value>;
  readonly expected: string;
  readonly example: string;
  /** The value if neither the option nor the variable is set. */
  readonly defaultValue: Value;
}

interface Definition<Value> {
  /** @defaultValue the text as it is */
  readonly read?: Reader;
  readonly schema: z.ZodType<Value>;
  readonly expected: string;
  readonly example: string;
}

export function withDefault<Value>(
  variable: string,
  defaultValue: Value,
  { read = text, ...definition }: Definition<Value>,
): Variable<Value> {
  return { variable, read, ...definition, defaultValue };
}

export function withoutDefault<Value>(
  variable: string,
  definition: Definition<Value>,
): Variable<Value | undefined> {
  return withDefault<Value | undefined>(variable, undefined, definition);
}

export function secret(variable: string, expected: string, example: string) {
  return withoutDefault(variable, { schema: key, expected, example });
}

export function url(variable: string, expected: string, example: string) {
  return withoutDefault(variable, { schema: httpUrl, expected, example });
}

/** One of some words; `problem` is the message for another word, such as `is not a tier`. */
export function choice<const Word extends string>(
  variable: string,
  words: readonly [Word, ...Word[]],
  { initial, problem }: { readonly initial: NoInfer<Word>; readonly problem: string },
): Variable<Word> {
  return withDefault<Word>(variable, initial, {
    schema: z.lazy(() => z.enum(words, problem)),
    expected: `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
    example: initial,
  });
}

const trueOrFalse = z.boolean("must be true or false");

/** `true` or `false`; false by default. */
export function flag(variable: string): Variable<boolean> {
  return withDefault(variable, false, {
    read: boolean,
    schema: trueOrFalse,
    expected: "true or false",
    example: "true",
  });
}

/** A whole number from 0 to `max`. */
export function whole(
  variable: string,
  { initial, max }: { readonly initial: number; readonly max: number },
): Variable<number> {
  return withDefault(variable, initial, {
    read: number,
    schema: z.lazy(() =>
      z
        .number("must be a number")
        .multipleOf(1, "must be a whole number")
        .nonnegative("must not be negative")
        .max(max, `is more than ${max}`),
    ),
    expected: `a whole number from 0 to ${max}`,
    example: String(initial || 1),
  });
}

const positiveOrInfinity = z.lazy(() => {
  const problem = "must be a whole number greater than 0, or none";
  return z.union([z.literal(Infinity), z.int(problem).positive(problem)], problem);
});

/** A whole number of something, or `none` for no limit, which is `Infinity`. No limit by default. */
export function count(variable: string, noun: string, example: string) {
  return withoutDefault(variable, {
    read: limit,
    schema: positiveOrInfinity,
    expected: `a whole number of ${noun} greater than 0, or none`,
    example,
  });
}

const positiveWhole = z.lazy(() =>
  z.int("must be a whole number").positive("must be greater than 0"),
);

/** A whole number of something, greater than 0. */
export function size(variable: string, noun: string, initial: number): Variable<number> {
  return withDefault(variable, initial, {
    read: number,
    schema: positiveWhole,
    expected: `a whole number of ${noun} greater than 0`,
    example: String(initial),
  });
}

const nonnegative = z.lazy(() => z.number("must be a number").nonnegative("must not be negative"));

/** US dollars. No limit by default. */
export function usd(variable: string) {
  return withoutDefault(variable, {
    read: number,
    schema: nonnegative,
    expected: "a number of US dollars, 0 or more",
    example: "0.50",
  });
}

const maxTimerMs = 2 ** 31 - 1;

/** Milliseconds in code. */
export const durationMs = () =>
  z.number("must be a number").max(maxTimerMs, "is longer than a timer can wait (24 days)");

const positiveSeconds = {
  read: seconds,
  schema: z.lazy(() => durationMs().positive("must be greater than 0")),
  expected: "a number of seconds greater than 0",
};

/** Seconds in the environment and here, milliseconds in code; greater than 0. */
export function duration(variable: string, initial: number): Variable<number> {
  return withDefault(variable, initial * 1000, { ...positiveSeconds, example: String(initial) });
}

/** The same, with no limit by default. */
export function optionalDuration(variable: string, example: string) {
  return withoutDefault(variable, { ...positiveSeconds, example });
}

/** Seconds in the environment and here, milliseconds in code; 0 or more. */
export function delay(
  variable: string,
  initial: number,
  expected = "a number of seconds, 0 or more",
): Variable<number> {
  return withDefault(variable, initial * 1000, {
    read: seconds,
    schema: z.lazy(() => durationMs().nonnegative("must not be negative")),
    expected,
    example: String(initial),
  });
}
