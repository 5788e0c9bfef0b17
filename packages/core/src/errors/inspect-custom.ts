/**
 * The method by which an object says how Node.js prints it: `util.inspect.custom`, by its registered
 * name. Importing `node:util` loads all that it has, which takes as long as a tenth of this package.
 *
 * Source: https://nodejs.org/api/util.html#utilinspectcustom
 */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
