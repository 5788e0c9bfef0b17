import type { Completion, CompletionChunk } from "@orchestra/core";
import { isObject, jsonOf, type Fields } from "@orchestra/core/extend";

type Document = Completion | CompletionChunk;

/** The JSON of an answer, or of a chunk, for OpenAI's clients. A document that they accept is not changed. */
export function toJson(document: Document, object: Document["object"]): string {
  const json = isValid(document, object)
    ? (jsonOf(document) ?? JSON.stringify(document))
    : JSON.stringify(normalized(document, object));
  const isWhole = object === "chat.completion";
  return isWhole && !("system_fingerprint" in document) ? withNullFingerprint(json) : json;
}

/** Adds the field that a whole completion must have, and that many servers omit, without parsing the JSON. */
function withNullFingerprint(json: string): string {
  return `{"system_fingerprint":null,${json.slice(1)}`;
}

/** Fields of a message that strict clients accept only as a list or an object. */
const neverNull = ["tool_calls", "audio", "function_call", "annotations", "images"] as const;

/** A document as servers send it: its fields may have other types than in {@link Document}. */
interface UncheckedDocument {
  readonly choices?: readonly unknown[];
  readonly usage?: unknown;
}

/** Whether strict clients accept the document as it is. */
function isValid(document: Document, object: string): boolean {
  if (document.object !== object || "asked_model" in document || "error" in document) return false;
  const { choices, usage } = document as unknown as UncheckedDocument;
  if (usage !== undefined && !isValidUsage(usage)) return false;
  for (const choice of choices ?? []) {
    if (!isObject(choice)) return false;
    if (typeof choice["index"] !== "number" || choice["finish_reason"] === undefined) return false;
    const message = (choice["delta"] ?? choice["message"]) as Fields | undefined;
    if (message && neverNull.some((field) => message[field] === null)) return false;
  }
  return true;
}

/**
 * Removes the mark that agents use for reasoning, empty errors (clients throw for them), and a usage without counts;
 * converts counts that are texts to numbers; and adds the fields that each completion and each choice must have.
 */
function normalized(document: Document, object: string): object {
  const { choices, usage } = document as unknown as UncheckedDocument;
  return {
    ...document,
    object,
    asked_model: undefined,
    error: undefined,
    usage: normalizedUsage(usage),
    choices: choices?.filter(isObject).map(normalizedChoice),
  };
}

function normalizedChoice(choice: Fields, at: number): object {
  const { finish_reason = null, delta, message } = choice;
  const index = typeof choice["index"] === "number" ? choice["index"] : at;
  const parts = { delta: withoutNulls(delta), message: withoutNulls(message) };
  return { ...choice, ...parts, index, finish_reason };
}

function withoutNulls(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return message;
  const absent = neverNull.filter((field) => (message as Fields)[field] === null);
  return { ...message, ...Object.fromEntries(absent.map((field) => [field, undefined])) };
}

function normalizedUsage(usage: unknown): unknown {
  const counted = withNumbers(usage);
  return hasCounts(counted) ? counted : undefined;
}

/** Converts texts that are numbers to numbers, at any depth. */
function withNumbers(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([field, inner]) => [field, withNumbers(inner)]),
    );
  }
  const isNumber = typeof value === "string" && value !== "" && Number.isFinite(Number(value));
  return isNumber ? Number(value) : value;
}

function isValidUsage(usage: unknown): boolean {
  return hasCounts(usage) && typeof (usage as Fields)["cost"] !== "string";
}

function hasCounts(usage: unknown): boolean {
  if (typeof usage !== "object" || usage === null) return false;
  const { prompt_tokens, completion_tokens, total_tokens } = usage as Fields;
  return [prompt_tokens, completion_tokens, total_tokens].every(Number.isFinite);
}
