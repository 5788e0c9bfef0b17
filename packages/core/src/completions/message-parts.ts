import type { Completion } from "./wire.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields of a delta that are part of the answer itself, and not of the way to it. */
export const contentFields = new Set("content tool_calls function_call audio images".split(" "));

export function isCall(call: unknown): boolean {
  const { type, function: called } = (call ?? {}) as Fields;
  const name = (called as Fields | null | undefined)?.["name"];
  return type === "custom" || (typeof name === "string" && name !== "");
}

/** A call of the older kind, sound or pictures. */
export function hasOtherContent(message: Completion["choices"][number]["message"]): boolean {
  const { images } = message as { readonly images?: readonly unknown[] };
  return Boolean(message.function_call || message.audio || images?.length);
}

export function isJson(text: string): boolean {
  if (text === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
