import type { Completion, CompletionChunk } from "@orchestra/core";
import { jsonOf, type Fields } from "@orchestra/core/extend";

type Document = Completion | CompletionChunk;
/** An answer, or a chunk of one, as OpenAI's clients can read it: as it came, where nothing has to change. */
export function toJson(document: Document, object: Document["object"]): string {
  const json = isUsual(document, object)
    ? (jsonOf(document) ?? JSON.stringify(document))
    : JSON.stringify(tidied(document, object));
  const isWhole = object === "chat.completion";
  // Many servers leave it out: the rest of a usual answer is not copied for it.
  return isWhole && !("system_fingerprint" in document) ? withoutFingerprint(json) : json;
}

/** A whole completion has one, or says that it has none. */
function withoutFingerprint(json: string): string {
  return `{"system_fingerprint":null,${json.slice(1)}`;
}

/** Fields of a message that strict clients take as a list or an object, or not at all. */
const neverNull = ["tool_calls", "audio", "function_call", "annotations", "images"] as const;

/** What servers may have sent in the place of a document. */
interface Odd {
  readonly choices?: readonly Fields[];
  readonly usage?: unknown;
}

function isUsual(document: Document, object: string): boolean {
  if (document.object !== object || "asked_model" in document || "error" in document) return false;
  const { choices, usage } = document as unknown as Odd;
  if (usage !== undefined && !isOfNumbers(usage)) return false;
  for (const choice of choices ?? []) {
    if (choice["index"] === undefined || choice["finish_reason"] === undefined) return false;
    const message = (choice["delta"] ?? choice["message"]) as Fields | undefined;
    if (message && neverNull.some((field) => message[field] === null)) return false;
  }
  return true;
}

/**
 * Without the mark by which agents know whose reasoning it has, without an error that says nothing
 * (clients throw for it), without a usage that counts nothing, with numbers for what servers count in texts,
 * and with what each completion and each choice must have.
 */
function tidied(document: Document, object: string): object {
  const { choices, usage } = document as unknown as Odd;
  return {
    ...document,
    object,
    asked_model: undefined,
    error: undefined,
    usage: tidiedUsage(usage),
    choices: choices?.map(tidiedChoice),
  };
}

function tidiedChoice(choice: Fields, at: number): object {
  const { index = at, finish_reason = null, delta, message } = choice;
  const parts = { delta: withoutNulls(delta), message: withoutNulls(message) };
  return { ...choice, ...parts, index, finish_reason };
}

function withoutNulls(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return message;
  const absent = neverNull.filter((field) => (message as Fields)[field] === null);
  return { ...message, ...Object.fromEntries(absent.map((field) => [field, undefined])) };
}

function tidiedUsage(usage: unknown): unknown {
  const counted = numbersOf(usage);
  return hasCounts(counted) ? counted : undefined;
}

/** With numbers in the place of texts that are some, at any depth. */
function numbersOf(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([field, inner]) => [field, numbersOf(inner)]),
    );
  }
  const isNumber = typeof value === "string" && value !== "" && Number.isFinite(Number(value));
  return isNumber ? Number(value) : value;
}

function isOfNumbers(usage: unknown): boolean {
  return hasCounts(usage) && typeof (usage as Fields)["cost"] !== "string";
}

function hasCounts(usage: unknown): boolean {
  if (typeof usage !== "object" || usage === null) return false;
  const { prompt_tokens, completion_tokens, total_tokens } = usage as Fields;
  return [prompt_tokens, completion_tokens, total_tokens].every(Number.isFinite);
}
