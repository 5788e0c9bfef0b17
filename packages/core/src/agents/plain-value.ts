import { BaseMessage } from "@langchain/core/messages";

export interface PlainValueOptions {
  /** Replaces a value at the position where it contains itself. It may throw. */
  readonly circular: () => unknown;
  /** Maximum number of values to read; further values are omitted. @defaultValue all */
  readonly maxValues?: number;
}

/**
 * Converts a value for `JSON.stringify`. Types that JSON does not have are replaced: a `Map` with text keys becomes
 * an object, another one and a `Set` become lists, an error its message, and bytes their number.
 *
 * @throws {RangeError} for a value that is nested too deeply
 */
export function plainValue(
  value: unknown,
  { circular, maxValues = Infinity }: PlainValueOptions,
): unknown {
  const above = new Set<object>();
  let left = maxValues;

  const plain = (part: unknown): unknown => {
    left -= 1;
    if (left < 0) return undefined;
    if (typeof part === "bigint") return String(part);
    if (typeof part === "number") return Number.isFinite(part) ? part : String(part);
    if (typeof part !== "object" || part === null) return part;
    if (above.has(part)) return circular();
    above.add(part);
    try {
      return plainObject(part);
    } finally {
      above.delete(part);
    }
  };

  const plainObject = (object: object): unknown => {
    if (Array.isArray(object)) return Array.from(object.slice(0, Math.max(left, 0)), plain);
    const text = textOf(object);
    if (text !== undefined) return text;
    if (BaseMessage.isInstance(object)) return { type: object.type, content: object.text };
    const replaced = replacementOf(object);
    if (replaced !== object) return plain(replaced);
    const fields = Object.entries(object);
    if (fields.length === 0 && !isPlainObject(object)) return nameOf(object);
    return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)]));
  };

  return plain(value);
}

/** The text of an error, of bytes, and of an invalid date; `undefined` for another object. */
function textOf(object: object): string | undefined {
  if (isError(object)) return errorText(object);
  const bytes = byteLengthOf(object);
  if (bytes !== undefined) return `[${bytes} bytes]`;
  if (object instanceof Date && Number.isNaN(object.getTime())) return "Invalid Date";
  return undefined;
}

/** Errors of another realm, such as `node:vm`, are not instances of this realm's `Error`. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

export function errorText({ name, message }: Error): string {
  return message === "" ? name : `${name}: ${message}`;
}

/** The number of bytes in an object; `undefined` for lists of numbers, such as a `Float32Array`. */
function byteLengthOf(object: object): number | undefined {
  const isBytes =
    object instanceof Uint8Array ||
    object instanceof Uint8ClampedArray ||
    object instanceof DataView ||
    object instanceof ArrayBuffer ||
    object instanceof SharedArrayBuffer;
  return isBytes ? object.byteLength : undefined;
}

/** The value to write for an object: the result of its `toJSON()`, its items, or the object itself. */
function replacementOf(object: object): unknown {
  const { toJSON } = object as { readonly toJSON?: unknown };
  if (typeof toJSON === "function") return (toJSON as () => unknown).call(object);
  const primitive: unknown = isPlainObject(object) ? object : object.valueOf?.();
  if (primitive !== undefined && typeof primitive !== "object") return primitive;
  return isIterable(object) ? itemsOf(object) : object;
}

function isIterable(object: object): object is Iterable<unknown> {
  return typeof (object as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
}

/** Further items are omitted: an iterable may be infinite. */
const maxItems = 100_000;

/** The items of an iterable as a list, or as an object if each item is a name with a value. */
function itemsOf(iterable: Iterable<unknown>): unknown {
  const items: unknown[] = [];
  for (const item of iterable) {
    if (items.push(item) >= maxItems) break;
  }
  const hasNames = "get" in iterable && "keys" in iterable && items.every(isNamed);
  if (!hasNames) return items;
  const named = new Map(items as [string, unknown][]);
  return named.size === items.length ? Object.fromEntries(named) : items;
}

function isNamed(item: unknown): boolean {
  return Array.isArray(item) && item.length === 2 && typeof item[0] === "string";
}

export function isPlainObject(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** The text of an object without fields, or the name of its class. */
function nameOf(object: object): string {
  const { toString } = object as { readonly toString?: unknown };
  if (typeof toString === "function" && toString !== Object.prototype.toString) {
    return String(toString.call(object));
  }
  return `[${object.constructor?.name || "object"}]`;
}
