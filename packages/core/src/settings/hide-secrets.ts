import { ArgumentError } from "../errors/argument-error.ts";
import { inspectCustom } from "../errors/inspect-custom.ts";

/**
 * Makes an object show `[secret]` instead of some of its fields, in `console.log`, `util.inspect` and
 * `JSON.stringify`. The fields keep their values, and a copy such as `{ ...value }` shows them.
 *
 * @returns the same object
 * @throws {ArgumentError} for a value that is not an object, and names that are not a list
 */
export function hideSecrets<Value extends object>(
  value: Value,
  names: readonly (string & keyof Value)[],
): Value {
  if (typeof value !== "object" || value === null) {
    throw ArgumentError.of("hideSecrets(): value", value, "an object");
  }
  if (!Array.isArray(names)) {
    throw ArgumentError.of("hideSecrets(): names", names, "an array of names of fields");
  }
  const show = showWithout(names);
  return Object.defineProperties(value, {
    toJSON: { value: show },
    [inspectCustom]: { value: show },
  });
}

/**
 * Makes a function that does the same, and lets copies such as `{ ...value }` hide the fields from
 * `console.log` and `util.inspect` too. `JSON.stringify` of a copy shows them: a `toJSON` that is copied
 * would be one more field, which `structuredClone` and strict schemas refuse. Not for headers, since
 * `new Headers()` takes no symbols, and not for what programs compare with literals, as a copied symbol is a
 * difference.
 */
export function secretsHider(
  names: readonly string[],
): <Value extends object>(value: Value) => Value {
  // One function for all objects: those that are equal stay equal.
  const show = showWithout(names);
  return (value) =>
    Object.defineProperties(value, {
      toJSON: { value: show },
      [inspectCustom]: { value: show, enumerable: true },
    });
}

function showWithout(names: readonly string[]): (this: object) => object {
  const secrets: ReadonlySet<string> = new Set(names);
  return function (this: object): object {
    return Object.fromEntries(
      Object.entries(this).map(([name, field]) => [
        name,
        secrets.has(name) && field !== undefined ? "[secret]" : (field as unknown),
      ]),
    );
  };
}
