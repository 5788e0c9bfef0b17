import { escapeControls } from "../errors/escape-controls.ts";

/**
 * An entry of the log as one line of JSON. What is secret is taken out of the line as a whole. JSON may hold
 * separators of lines and marks that reorder text as they are: here they are escaped too.
 *
 * @param redact - Takes secrets out of a text.
 */
export function jsonLine(entry: object, redact: (text: string) => string): string {
  return escapeControls(redactedJson(entry, redact));
}

function redactedJson(entry: object, redact: (text: string) => string): string {
  try {
    if (isPlain(entry)) return redact(JSON.stringify(entry));
    return redact(JSON.stringify(entry, (_, value: unknown) => readable(value)));
  } catch {
    // Circular references, and other values that JSON cannot hold.
    return JSON.stringify(cleaned({ ...entry }, redact), (_, value: unknown) => readable(value));
  }
}

/** Whether JSON holds all that a value says. One with a circle is too deep for the call stack. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "bigint";
  if (value instanceof Error) return false;
  return Object.values(value).every(isPlain);
}

function readable(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Error ? errorFields(value) : value;
}

/** A copy that JSON can hold: texts redacted, errors with what they say, circles cut. */
export function cleaned(
  value: unknown,
  redact: (text: string) => string,
  parents: readonly object[] = [],
): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value !== "object" || value === null) return value;
  if (parents.includes(value)) return "[circular]";
  const clean = (inner: unknown) => cleaned(inner, redact, [...parents, value]);
  if (Array.isArray(value)) return value.map(clean);
  if ("toJSON" in value && typeof value.toJSON === "function") return clean(value.toJSON());
  const fields = Object.entries(value instanceof Error ? errorFields(value) : value);
  return Object.fromEntries(fields.map(([key, inner]) => [key, clean(inner)]));
}

/** What an error says is not among the properties that `Object.entries` lists. */
function errorFields(error: Error): object {
  const { name, message, cause } = error;
  const stack = shortStack(error.stack, message);
  return Object.assign({ name, message }, error, { stack }, cause === undefined ? {} : { cause });
}

/**
 * A stack that begins with the name of its error alone, where the message is beside it: of a failed call,
 * that is a line for each attempt.
 */
export function shortStack<Stack>(stack: Stack, message: unknown): Stack | string {
  if (typeof stack !== "string" || typeof message !== "string") return stack;
  const [head = ""] = stack.split(/\n +at /, 1);
  const nameEnd = head.indexOf(": ");
  const isRepeated = nameEnd !== -1 && message.includes(head.slice(nameEnd + 2));
  return isRepeated ? head.slice(0, nameEnd) + stack.slice(head.length) : stack;
}
