import { createHash } from "node:crypto";
import { ArgumentError } from "../../errors/argument-error.ts";

/**
 * The key of a request: the SHA-256 of its JSON with sorted keys, without properties that are
 * `undefined`.
 *
 * @throws {ArgumentError} for a value that JSON cannot represent (functions, symbols, maps, class
 *   instances without `toJSON`, NaN): different requests would get the same key, and the answer of
 *   one would be given to the other
 */
export function requestKey(value: unknown): string {
  const json = JSON.stringify(value, (_, part: unknown) => canonical(part));
  if (json === undefined)
    throw new ArgumentError("The request is undefined: expected a JSON value");
  return createHash("sha256").update(json).digest("hex");
}

/** The same value with sorted keys, if JSON can represent it. */
function canonical(value: unknown): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return value;
    case "number":
      if (Number.isFinite(value)) return value;
      break;
    case "object":
      if (value === null || Array.isArray(value)) return value;
      if (isPlain(value)) return sorted(value);
      break;
    default:
      break;
  }
  throw new ArgumentError(`The request contains ${nameOf(value)}: expected JSON values only`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function nameOf(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "object" ? `a ${Object(value).constructor.name}` : `a ${typeof value}`;
}
