import { createHash } from "node:crypto";

/**
 * Names a request by what it says: the SHA-256 of its JSON with sorted keys, without properties
 * that are `undefined`.
 *
 * @throws {TypeError} for what JSON leaves out or makes all alike (functions, symbols, maps, class
 *   instances without `toJSON`, NaN): different requests would get one key, and one's answer
 *   would be given to the other
 */
export function requestKey(value: unknown): string {
  const json = JSON.stringify(value, (_, part: unknown) => canonical(part));
  if (json === undefined) throw new TypeError("Nothing was asked for: the request is undefined");
  return createHash("sha256").update(json).digest("hex");
}

/** The same value, its keys sorted, if JSON can say it in full. */
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
  throw new TypeError(`A request cannot be told by its JSON if it holds ${nameOf(value)}`);
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
