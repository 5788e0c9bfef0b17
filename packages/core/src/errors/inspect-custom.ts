/**
 * The name of the method that Node.js calls to print an object: `util.inspect.custom`, by its registered
 * symbol. Importing `node:util` would take a tenth of the load time of this package.
 *
 * Source: https://nodejs.org/api/util.html#utilinspectcustom
 */
export const inspectCustom: unique symbol = Symbol.for("nodejs.util.inspect.custom") as never;
