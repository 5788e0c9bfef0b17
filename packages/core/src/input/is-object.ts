/** Fields of an object that has not been checked, such as an answer. */
export type Fields = Readonly<Record<string, unknown>>;

/** The same, of an object that is changed in place. */
export type MutableFields = Record<string, unknown>;

/** Whether a value is an object as JSON has them: not `null`, and not an array. */
export function isObject(value: unknown): value is MutableFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
