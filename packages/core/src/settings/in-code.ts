import type { Variable } from "./variable.ts";

/** A message about a variable, in the words for the same setting in code. */
const words: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/^(.*), separated by commas$/, "an array of $1"],
  [/\ba number of seconds\b/, "a number of milliseconds"],
  [/\ba JSON (object|array)\b/, "an $1"],
  [/, or none$/, ", or Infinity"],
  [/, or p95$/, ', or "p95"'],
  [/\bLLM_RETRY_DELAY\b/, "retryDelayMs"],
];

/** A sentence about a variable, for its option: other units, and no JSON. */
export function inCode(sentence: string): string {
  return words.reduce(
    (text, [pattern, replacement]) => text.replace(pattern, replacement),
    sentence,
  );
}

/** The example of a variable as JavaScript has it. */
export function exampleInCode({
  read,
  example,
}: Pick<Variable<unknown>, "read" | "example">): string {
  const value = read(/^'(.*)'$/.exec(example)?.[1] ?? example);
  return value === Infinity ? "Infinity" : JSON.stringify(value);
}
