import type { Fields } from "../../input/is-object.ts";
import { readUsage } from "../../usage/usage.ts";
import { usualReasons } from "../finish-reasons.ts";

/** The received JSON of answers and chunks, by their parsed values. */
const kept = new WeakMap<object, string>();

/**
 * Keeps the JSON of an answer, to be sent on unchanged. Not for an answer that may be repaired in place; a
 * repaired copy has no JSON.
 *
 * @param answer - The parsed answer.
 * @param name - The field of its choice: a message, or a piece of one.
 */
export function keepAnswer(answer: object, json: string, name: "message" | "delta"): void {
  if (isPlain(answer, name)) kept.set(answer, json);
}

/** The caller of `jsonOf` may change the answer. */
export function forgetAnswer(answer: object): void {
  kept.delete(answer);
}

/**
 * The JSON of an answer, or of a chunk, of a call with `keepsJson`, as the server sent it, if the
 * parsed value has not been changed. That of a chunk is one line.
 *
 * @returns `undefined` if it was or may have been changed, and for any other value
 */
export function jsonOf(answer: unknown): string | undefined {
  return kept.get(answer as object);
}

/** Fields that servers may send instead of an answer. */
interface Odd {
  readonly choices?: readonly (Fields | undefined)[] | null;
  readonly usage?: Fields | null;
  readonly x_groq?: unknown;
}

/** Whether an answer is one choice with a text, in OpenAI's format. */
function isPlain({ choices, usage, x_groq }: Odd, name: "message" | "delta"): boolean {
  if (!Array.isArray(choices) || choices.length !== 1 || x_groq) return false;
  const [choice] = choices as readonly (Fields | null)[];
  const said = choice?.[name] as Fields | null | undefined;
  if (typeof said?.["content"] !== "string" || choice?.["index"] || choice?.["usage"]) return false;
  const finish = choice?.["finish_reason"];
  // In a stream, a repeated finish reason is removed.
  const isUsual = name === "delta" ? !finish : usualReasons.has(finish);
  return isUsual && (!usage || readUsage(usage).promptTokens === usage["prompt_tokens"]);
}
