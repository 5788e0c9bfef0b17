/** The name of an object's class, behind a space; empty where it has none, as a plain object. */
export function classOf(value: object): string {
  const constructor: unknown = Reflect.get(value, "constructor");
  const name: unknown = typeof constructor === "function" ? constructor.name : undefined;
  return typeof name === "string" && name !== "" && name !== "Object" ? ` ${name}` : "";
}
