import { ArgumentError } from "../errors/argument-error.ts";
import { inspectCustom } from "../errors/inspect-custom.ts";

/**
 * Makes an object show `[secret]` in place of some of its fields, in `console.log`, `util.inspect` and
 * `JSON.stringify`. The fields keep their values,
 * and a copy such as `{ ...value }` shows them.
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
  const secrets: ReadonlySet<string> = new Set(names);
  function show(this: object): object {
    return Object.fromEntries(
      Object.entries(this).map(([name, field]) => [
        name,
        secrets.has(name) && field !== undefined ? "[secret]" : (field as unknown),
      ]),
    );
  }
  return Object.defineProperties(value, {
    toJSON: { value: show },
    [inspectCustom]: { value: show },
  });
}
