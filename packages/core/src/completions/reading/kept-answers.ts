import type { Fields } from "../../input/is-object.ts";
import { readUsage } from "../../usage/usage.ts";
import { usualReasons } from "../finish-reasons.ts";

/** The received JSON of answers and chunks, by their parsed values. */
const kept = new WeakMap<object, string>();

/**
 * Keeps the JSON of an answer for who sends it on as it is. Not of one that may be repaired in place: one
 * that is repaired by a copy has none.
 *
 * @param answer - As it was parsed.
 * @param name - Of what its choice has: a message, or a piece of one.
 */
export function keepAnswer(answer: object, json: string, name: "message" | "delta"): void {
  if (isPlain(answer, name)) kept.set(answer, json);
}

/** Who gets an answer may change it. */
export function forgetAnswer(answer: object): void {
  kept.delete(answer);
}

/**
 * The JSON of an answer, or of a chunk, of a call with `keepsJson`, as the server sent it: what it was
 * parsed to has not been changed. That of a chunk is one line.
 *
 * @returns `undefined` where it was changed, or may have been, and for anything else
 */
export function jsonOf(answer: unknown): string | undefined {
  return kept.get(answer as object);
}

/** What servers may send in the place of an answer. */
interface Odd {
  readonly choices?: readonly (Fields | undefined)[] | null;
  readonly usage?: Fields | null;
  readonly x_groq?: unknown;
}

/** Whether an answer is one choice with a text, and nothing in it is written in a way of the server's own. */
function isPlain({ choices, usage, x_groq }: Odd, name: "message" | "delta"): boolean {
  if (!Array.isArray(choices) || choices.length !== 1 || x_groq) return false;
  const [choice] = choices as readonly (Fields | null)[];
  const said = choice?.[name] as Fields | null | undefined;
  if (typeof said?.["content"] !== "string" || choice?.["index"] || choice?.["usage"]) return false;
  const finish = choice?.["finish_reason"];
  // Of a stream, a finish that comes again is left out.
  const isUsual = name === "delta" ? !finish : usualReasons.has(finish);
  return isUsual && (!usage || readUsage(usage).promptTokens === usage["prompt_tokens"]);
}
