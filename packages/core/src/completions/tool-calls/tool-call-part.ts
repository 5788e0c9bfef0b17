import { isObject, type Fields } from "../../input/is-object.ts";

/** The id of a call in a delta, if the server sends one. */
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
export function nameOf({ function: called, custom = called }: Fields): string | undefined {
  const name = isObject(custom) ? custom["name"] : undefined;
  return typeof name === "string" && name.trim() !== "" ? name : undefined;
}

/** A name replaces an earlier one. Only before the arguments begin, some servers send it in pieces. */
export function joinNames(
  { name: before }: { name: string },
  name: string | undefined,
  isFirst: boolean,
) {
  if (name === undefined || name === before) return before;
  if (before === "" || name.startsWith(before)) return name;
  return isFirst ? before + name : before;
}

/** The input of a custom tool, the only part that arrives in pieces. */
export function joinCustom(before: unknown, piece: unknown): unknown {
  if (!isObject(before) || !isObject(piece)) return piece;
  const name = nameOf({ custom: before }) ?? piece["name"];
  return { ...before, ...piece, name, input: inputOf(before) + inputOf(piece) };
}

function inputOf({ input }: Fields): string {
  return typeof input === "string" ? input : "";
}
