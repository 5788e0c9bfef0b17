import { OrchestraError } from "./orchestra-error.ts";
import { redactedStart, redactKeys, redactSecrets, secretPattern } from "./secrets.ts";

/** Maximum levels of nesting: servers choose how deep bodies are. */
const maxDepth = 6;
const maxFields = 100;
const maxText = 10_000;

/**
 * The cause of an error, without secrets: errors without secrets are returned unchanged, others
 * and the bodies of servers are copied.
 */
export function safeCause(cause: unknown): unknown {
  if (typeof cause === "string") return redactedStart(cause, maxText);
  if (typeof cause !== "object" || cause === null) return cause;
  try {
    if (OrchestraError.isInstance(cause) || !holdsSecret(cause)) return cause;
    return copy(cause, 0);
  } catch {
    // Any value can be thrown, even an object whose properties throw.
    return undefined;
  }
}

function holdsSecret(value: unknown, depth = 0): boolean {
  if (typeof value === "string") return secretPattern.test(value) || redactKeys(value) !== value;
  if (typeof value !== "object" || value === null) return false;
  // A part that is too deep to check is copied, and so cut off.
  if (depth > maxDepth) return true;
  return fieldsOf(value).some(([, inner]) => holdsSecret(inner, depth + 1));
}

function copy(value: unknown, depth: number): unknown {
  if (typeof value === "string") return redactedStart(value, maxText);
  if (typeof value === "function") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (depth > maxDepth) return "[…]";
  if (Array.isArray(value)) return value.slice(0, maxFields).map((item) => copy(item, depth + 1));
  const fields = fieldsOf(value)
    .slice(0, maxFields)
    .map(([name, inner]) => [redactSecrets(name), copy(inner, depth + 1)] as const);
  if (!(value instanceof Error)) return Object.fromEntries(fields);
  const error = new Error();
  for (const [name, inner] of fields) {
    const isShown = Object.prototype.propertyIsEnumerable.call(value, name);
    Object.defineProperty(error, name, {
      value: inner,
      enumerable: isShown,
      configurable: true,
      writable: true,
    });
  }
  return error;
}

/** The fields of an object, and of an error also its message. */
function fieldsOf(value: object): readonly (readonly [string, unknown])[] {
  if (!(value instanceof Error)) return Object.entries(value);
  const { name, message, stack, cause } = value;
  const said = Object.entries(Object.assign({ name, message, stack, cause }, value));
  return said.filter(([, inner]) => inner !== undefined);
}
