/** A space and the name of an object's class; empty if it has none, like a plain object. */
export function classOf(value: object): string {
  const constructor: unknown = Reflect.get(value, "constructor");
  const name: unknown = typeof constructor === "function" ? constructor.name : undefined;
  return typeof name === "string" && name !== "" && name !== "Object" ? ` ${name}` : "";
}
