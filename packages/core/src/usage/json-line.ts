import { escapeControls } from "../errors/escape-controls.ts";

/**
 * An entry of the log as one line of JSON. Secrets are removed from the whole line. Characters that end a line or
 * reorder text, which JSON allows, are escaped.
 *
 * @param redact - Removes secrets from a text.
 */
export function jsonLine(entry: object, redact: (text: string) => string): string {
  return escapeControls(redactedJson(entry, redact));
}

function redactedJson(entry: object, redact: (text: string) => string): string {
  try {
    if (isPlain(entry)) return redact(JSON.stringify(entry));
    return redact(JSON.stringify(entry, (_, value: unknown) => readable(value)));
  } catch {
    // Circular references, and other values that JSON cannot express.
    return JSON.stringify(cleaned({ ...entry }, redact), (_, value: unknown) => readable(value));
  }
}

/** Whether JSON expresses all of a value. For a circular one it throws, because the call stack overflows. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value !== "bigint";
  if (value instanceof Error) return false;
  return Object.values(value).every(isPlain);
}

function readable(value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Error ? errorFields(value) : value;
}

/** A copy that JSON can express: without secrets and circular references, and with the fields of errors. */
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

/** `Object.entries` does not list the name, the message, the stack and the cause of an error. */
function errorFields(error: Error): object {
  const { name, message, cause } = error;
  const stack = shortStack(error.stack, message);
  return Object.assign({ name, message }, error, { stack }, cause === undefined ? {} : { cause });
}

/**
 * A stack without the error's message, if the entry has the message already: that of a failed call has a line for
 * each attempt.
 */
export function shortStack<Stack>(stack: Stack, message: unknown): Stack | string {
  if (typeof stack !== "string" || typeof message !== "string") return stack;
  const [head = ""] = stack.split(/\n +at /, 1);
  const nameEnd = head.indexOf(": ");
  const isRepeated = nameEnd !== -1 && message.includes(head.slice(nameEnd + 2));
  return isRepeated ? head.slice(0, nameEnd) + stack.slice(head.length) : stack;
}
