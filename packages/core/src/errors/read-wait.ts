type Json = Readonly<Record<string, unknown>>;

/**
 * The wait time in an error's fields and text, in seconds; `undefined` if there is none.
 *
 * Reads `retry_after`, Google's `RetryInfo` (https://google.aip.dev/193), and "try again in 34.66s",
 * from the error itself and from the provider's error, which OpenRouter repeats as a text.
 *
 * @param raw - OpenRouter's `metadata.raw`.
 */
export function readWait(error: Json, raw: unknown): number | undefined {
  const { message } = error;
  return (
    fromFields(error) ??
    (typeof message === "string" ? fromText(message) : undefined) ??
    (typeof raw === "string" ? fromText(raw) : fromNested(raw))
  );
}

function fromNested(raw: unknown): number | undefined {
  return raw === null || raw === undefined ? undefined : fromText(JSON.stringify(raw));
}

function fromFields(error: Json): number | undefined {
  const { retry_after: wait, retry_after_ms: ms, details } = error;
  const seconds = secondsIn(wait) ?? secondsIn(ms, 0.001);
  if (seconds !== undefined) return seconds;
  return Array.isArray(details) ? fromText(JSON.stringify(details)) : undefined;
}

/** The text of an error is limited, but can be long: only its beginning is searched. */
const maxLength = 10_000;

const amount = String.raw`((?:\d+(?:\.\d+)?\s?(?:ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)?\s?)+)`;
const onlyAmount = new RegExp(String.raw`^["'+\s]*${amount}["'\s]*$`, "i");

/**
 * Seconds in a number, or in a text such as `1.5`, `1s`, `500ms` or `1m30s`; `undefined` for any other.
 *
 * @param unit - Seconds in a number without a unit.
 */
export function secondsIn(value: unknown, unit = 1): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value * unit : undefined;
  const found =
    typeof value === "string" ? onlyAmount.exec(value.slice(0, maxAmount))?.[1] : undefined;
  if (found === undefined) return undefined;
  return /^[\d.\s]+$/.test(found) ? Number(found) * unit : sumOf(found);
}

/** Maximum characters of a text with a time. */
const maxAmount = 500;

/** A field of JSON, with its quotes escaped any number of times. */
const field = new RegExp(String.raw`retry_?(?:delay|after)\\*"\s*:\s*\\*"?${amount}`, "i");
const words = new RegExp(
  String.raw`(?:try|retry|retrying|retry again|wait)(?:\s+again)?(?:\s+your\s+request)?\s+(?:in|after|for)\s+(?:about\s+|at least\s+)?${amount}`,
  "i",
);

function fromText(text: string): number | undefined {
  const shortened = text.slice(0, maxLength);
  const found = field.exec(shortened)?.[1] ?? words.exec(shortened)?.[1];
  return found === undefined ? undefined : sumOf(found);
}

function sumOf(found: string): number {
  let seconds = 0;
  for (const [, number, unit] of found.matchAll(/(\d+(?:\.\d+)?)\s?([a-z]*)/gi)) {
    seconds += Number(number) * secondsOf(unit?.toLowerCase() ?? "");
  }
  return seconds;
}

function secondsOf(unit: string): number {
  if (unit.startsWith("ms") || unit.startsWith("milli")) return 0.001;
  if (unit.startsWith("m")) return 60;
  return unit.startsWith("h") ? 3600 : 1;
}
