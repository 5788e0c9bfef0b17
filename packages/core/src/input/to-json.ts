import { quoted } from "../errors/bounded.ts";

/**
 * A value as JSON.
 *
 * @throws {TypeError} with the reason why JSON cannot express it. A `Map`, a `Set` and other objects that
 * `JSON.stringify` writes as `{}`, without their content, are errors too
 */
export function toJson(value: unknown): string {
  try {
    const json = JSON.stringify(value) as string | undefined;
    if (json === undefined) throw new TypeError("JSON cannot express it");
    // Only such a text can be that of an object without its content.
    if (json.includes("{}")) JSON.stringify(value, refuseLossy);
    return json;
  } catch (error) {
    const isTooDeep = error instanceof RangeError && error.message.includes("call stack");
    if (isTooDeep) throw new TypeError("it is nested too deeply", { cause: error });
    throw error;
  }
}

function refuseLossy(key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  if (isPlain(value) || Object.keys(value).length > 0) return value;
  const subject = key === "" ? "it" : `its field ${quoted(key)}`;
  throw new TypeError(
    `${subject} is of the class ${value.constructor.name}, whose content JSON leaves out: convert it to an object or an array`,
  );
}

/** Whether an object is one of no class, also of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
