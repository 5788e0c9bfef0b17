import { isObject } from "./tool-arguments.ts";

type Fields = Record<string, unknown>;

/** The id of a call in a delta, where the server gives one. */
export function idOf({ id }: Fields): string | undefined {
  if (typeof id === "number") return String(id);
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** Its position among the calls. */
export function indexOf({ index }: Fields): number | undefined {
  const number = typeof index === "string" && index !== "" ? Number(index) : index;
  return typeof number === "number" && Number.isInteger(number) ? number : undefined;
}

/** The name of its tool. */
export function nameOf({ function: called }: Fields): string | undefined {
  const name = isObject(called) ? called["name"] : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** A name is set. Only before the arguments begin, some servers send it in pieces. */
export function joinNames(
  { name: before }: { name: string },
  name: string | undefined,
  isFirst: boolean,
) {
  if (name === undefined || name === before) return before;
  if (before === "" || name.startsWith(before)) return name;
  return isFirst ? before + name : before;
}
