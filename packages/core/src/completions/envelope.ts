import { isObject, type Fields, type MutableFields } from "../input/is-object.ts";
import { bareError } from "./invalid-answer.ts";
import { parse } from "./tool-calls/tool-arguments.ts";

/** Fields in which gateways put the answer of a model. */
const wrappers = ["data", "result", "response", "output", "body", "completion"];
const maxLevels = 3;

/** Fields in which servers with another API put the text of an answer. */
const texts = ["response", "completion", "generated_text", "output_text"];

/** The fields of a completion that are taken from an envelope. */
const parts = ["choices", "usage", "id", "model", "provider", "created", "object"];

/**
 * Converts a body without choices to a completion, in place: one that contains a completion, such as
 * `{ data: completion }`, or a text, such as Ollama's own API and Cloudflare's. Others are not changed.
 *
 * Sources: https://github.com/ollama/ollama/blob/main/docs/api.md,
 * https://developers.cloudflare.com/workers-ai/get-started/rest-api/
 *
 * @param name - The field of a choice: a message, or a piece of one.
 */
export function openEnvelope(body: object, name: "message" | "delta"): void {
  const envelope = body as MutableFields;
  const inner = completionIn(envelope, maxLevels) ?? answerIn(envelope, name, maxLevels);
  if (!inner) return;
  for (const wrapper of wrappers) delete envelope[wrapper];
  for (const part of parts) if (inner[part] !== undefined) envelope[part] = inner[part];
}

/** The message of a choice that has only text, as in the older API; `undefined` for any other. */
export function olderMessage(choice: object) {
  const { message, text = message } = choice as { readonly message?: unknown; text?: unknown };
  return typeof text === "string" ? { role: "assistant", content: text } : undefined;
}

function completionIn(envelope: Fields, levels: number): Fields | undefined {
  for (const wrapper of wrappers) {
    const inner = objectIn(envelope[wrapper]);
    if (!inner) continue;
    if (Array.isArray(inner["choices"])) return inner;
    const deeper = levels > 1 ? completionIn(inner, levels - 1) : undefined;
    if (deeper) return deeper;
  }
  return undefined;
}

/** An object, or the only object of a list, or the object in a JSON text. */
function objectIn(value: unknown): Fields | undefined {
  const inner = typeof value === "string" && value.startsWith("{") ? parse(value) : value;
  if (Array.isArray(inner) && inner.length === 1) return objectIn(inner[0]);
  return isObject(inner) ? inner : undefined;
}

function answerIn(body: Fields, name: string, levels: number): Fields | undefined {
  if (bareError(body) || body["error"]) return undefined;
  const message = body["message"];
  const text = texts.map((field) => body[field]).find((value) => typeof value === "string");
  const isMessage = isObject(message) && ("role" in message || "content" in message);
  if (!isMessage && text === undefined) {
    const inner = levels > 1 && objectIn(body["result"] ?? body["data"]);
    return inner ? answerIn(inner, name, levels - 1) : undefined;
  }
  const said = isMessage ? message : { role: "assistant", content: text };
  const reason = body["finish_reason"] ?? body["done_reason"] ?? body["stop_reason"];
  const isDone = body["done"] === true || (body["done"] === undefined && name === "message");
  const choice = { index: 0, [name]: said, finish_reason: reason ?? (isDone ? "stop" : null) };
  return { usage: countsOf(body), ...body, choices: [choice] };
}

/** Ollama's names for the token counts. */
function countsOf({ prompt_eval_count: prompt, eval_count: completion }: Fields) {
  if (prompt === undefined && completion === undefined) return undefined;
  return { prompt_tokens: prompt, completion_tokens: completion };
}
