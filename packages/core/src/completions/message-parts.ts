import type { Fields } from "../input/is-object.ts";
import { invalid } from "./invalid-answer.ts";
import type { Completion } from "./wire.ts";

/** Fields of a delta that are part of the answer itself, not of its reasoning. */
export const contentFields = new Set("content tool_calls function_call audio images".split(" "));

/** More choices than servers return for one request. */
const maxChoices = 128;

/** Whether a value can be the index of a choice. */
export function isIndex(index: unknown): boolean {
  return Number.isInteger(index) && Number(index) >= 0 && Number(index) < maxChoices;
}

/** @throws {ModelError} for more choices than an answer can have */
export function checkChoices<T>(choices: readonly T[] | null | undefined): readonly T[] {
  if (choices && choices.length > maxChoices) {
    throw invalid(`The answer has more than ${maxChoices} choices`, "too_large");
  }
  if (choices !== null && choices !== undefined && !Array.isArray(choices))
    throw invalid("The choices are not a list", "malformed");
  return choices ?? [];
}

/** Whether a tool call, or a piece of one, has the name of its tool. */
export function isCall(call: unknown): boolean {
  const { function: called, custom } = (call ?? {}) as Fields;
  const name = ((custom ?? called) as Fields | null | undefined)?.["name"];
  return typeof name === "string" && name.trim() !== "";
}

/** A call in the older format, audio or images. */
export function hasOtherContent(message: Completion["choices"][number]["message"]): boolean {
  const { function_call: called, audio, images } = message as unknown as Fields;
  return [called, audio, images].some((part) =>
    typeof part === "object" && part !== null ? Object.keys(part).length > 0 : Boolean(part),
  );
}
