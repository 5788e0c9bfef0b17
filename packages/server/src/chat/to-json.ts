import type { Completion, CompletionChunk } from "@orchestra/core";
import { jsonOf, type Fields } from "@orchestra/core/extend";

type Document = Completion | CompletionChunk;
/** An answer, or a chunk of one, in a form that OpenAI's clients accept: unchanged, if nothing has to change. */
export function toJson(document: Document, object: Document["object"]): string {
  const json = isUsual(document, object)
    ? (jsonOf(document) ?? JSON.stringify(document))
    : JSON.stringify(tidied(document, object));
  const isWhole = object === "chat.completion";
  // Many servers omit it: the rest of an ordinary answer is not copied for it.
  return isWhole && !("system_fingerprint" in document) ? withoutFingerprint(json) : json;
}

/** A whole completion has one, or says that it has none. */
function withoutFingerprint(json: string): string {
  return `{"system_fingerprint":null,${json.slice(1)}`;
}

/** Fields of a message that strict clients accept only as a list or an object. */
const neverNull = ["tool_calls", "audio", "function_call", "annotations", "images"] as const;

/** Values that servers may have sent instead of a document. */
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
 * Removes the mark that agents use for reasoning, empty errors
 * (clients throw for them), and a usage without counts; converts counts that are texts to numbers; and adds the
 * fields that each completion and each choice must have.
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

/** Converts texts that are numbers to numbers, at any depth. */
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
