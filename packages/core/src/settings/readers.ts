/**
 * How the text of an environment variable becomes a value for its schema.
 *
 * A reader throws an `Error` that describes the problem and omits the text, which may be a secret.
 */
export type Reader = (text: string) => unknown;

export const text: Reader = (value) => value;

/** A decimal number, such as `30` or `0.5`. */
export const number: Reader = (value) => {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(value)) throw new Error("is not a number");
  const parsed = Number(value);
  if (Math.abs(parsed) > Number.MAX_SAFE_INTEGER) throw new Error("is too large");
  return parsed;
};

/** Seconds, read as milliseconds. */
export const seconds: Reader = (value) => Math.round((number(value) as number) * 1000);

export const boolean: Reader = (value) => {
  if (value === "true" || value === "1") return true;
  if (value === "false" || value === "0") return false;
  throw new Error("must be true or false");
};

/** A number, or `none` for no limit. */
export const limit: Reader = (value) => (value === "none" ? Infinity : number(value));

/** Names separated by commas. */
export const list: Reader = (value) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

export const json: Reader = (value) => {
  try {
    return JSON.parse(value) as unknown;
  } catch (error) {
    // oxlint-disable-next-line preserve-caught-error -- the cause quotes the text, which may be a secret
    throw new Error(`is not valid JSON${placeOf(error)}`);
  }
};

/** V8 quotes the text around the fault, which may be a key. Only the position is safe to show. */
function placeOf(error: unknown): string {
  const message = error instanceof Error ? error.message : "";
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return ` (at character ${Number(position) + 1})`;
  return message.includes("end of JSON") || message.includes("Unterminated")
    ? " (it ends too early)"
    : "";
}
