/** If a list is too long, this many items at its beginning and at its end are shown. */
const shownFirst = 9;
const shownLast = 3;

const maxQuoted = 80;
const maxMessage = 16_000;

/** At most twelve parts of a message. If there are more: the first ones, the number of omitted ones, and the last ones. */
export function firstAndLast(parts: readonly string[]): readonly string[] {
  const left = parts.length - shownFirst - shownLast;
  if (left <= 0) return parts;
  return [...parts.slice(0, shownFirst), `... and ${left} more`, ...parts.slice(-shownLast)];
}

/** The beginning of a text that is too long to be shown. */
export function shortened(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength).toWellFormed()}…`;
}

/** A text, or the text of any other value: JavaScript callers pass anything, and no error must fail because of it. */
export function asText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" || typeof value === "function") {
    return Object.prototype.toString.call(value);
  }
  const primitive = value as number | boolean | undefined;
  return String(primitive);
}

/** A text from a caller, a server or a model, in quotation marks. */
export function quoted(text: string): string {
  return JSON.stringify(shortened(asText(text), maxQuoted));
}

/** A message that is short enough for a log, even with long values in it. */
export function bounded(message: string): string {
  return shortened(asText(message), maxMessage);
}
