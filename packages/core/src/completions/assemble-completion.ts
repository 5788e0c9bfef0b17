import { isObject, type Fields, type MutableFields } from "../input/is-object.ts";
import { ToolCallAssembler } from "./tool-calls/tool-call-assembler.ts";
import type { Completion, CompletionChunk } from "./wire.ts";

type Choice = Completion["choices"][number];
/** Maximum number of fields of an answer, or of one of its choices: each chunk may add new ones. */
const maxFields = 1000;

/** Assembles a streamed answer to the answer of the same request without a stream. */
export class CompletionAssembler {
  readonly #choices = new Map<number, ChoiceAssembler>();
  /** Maximum number of tool calls of one choice. */
  maxToolCalls = Infinity;
  /** Without a prototype: servers choose the names. */
  readonly #fields = Object.create(null) as MutableFields;
  #count = 0;

  /** @returns the chunk's piece of text */
  add(chunk: CompletionChunk): string {
    const { choices } = chunk;
    const fields = this.#fields;
    for (const field in chunk) {
      if (field === "choices") continue;
      const value = (chunk as unknown as Fields)[field];
      if (value === fields[field]) continue;
      if (!(field in fields) && (this.#count += 1) > maxFields) continue;
      // Usage that was reported once is kept.
      if (value || field !== "usage") fields[field] = value;
    }
    let text = "";
    for (const part of choices ?? []) {
      if (!part) continue;
      // Servers with one choice omit its index.
      const { delta, index = 0 } = part as { delta?: { content?: unknown }; index?: number };
      if (index === 0 && typeof delta?.content === "string") text += delta.content;
      let choice = this.#choices.get(index);
      if (!choice) this.#choices.set(index, (choice = new ChoiceAssembler()));
      choice.add(part as unknown as Fields, this.maxToolCalls);
    }
    return text;
  }

  build(): Completion {
    const choices: Choice[] = [];
    for (const [index, choice] of this.#choices) choices[index] = choice.build(index);
    return {
      ...this.#fields,
      object: "chat.completion",
      choices: choices.filter(Boolean),
    } as unknown as Completion;
  }
}

/** Fields of a part that are not copied into the choice. */
const ownFields = new Set(["delta", "finish_reason", "index"]);

/** Extends one choice of the answer, delta by delta. */
class ChoiceAssembler {
  #finish: unknown = null;
  #content = "";
  readonly #message: MutableFields = {};
  readonly #rest: MutableFields = {};
  #count = 0;
  #toolCalls: ToolCallAssembler | undefined;

  // A list of the fields for each chunk would be expensive: an answer has thousands of chunks.
  add(part: Fields, maxCalls: number): void {
    if (part["finish_reason"]) this.#finish = part["finish_reason"];
    const delta = part["delta"] as Fields | undefined;
    for (const field in delta) {
      const value = delta[field];
      if (field === "role" || value === null || value === undefined) continue;
      if (field === "content" && typeof value === "string") this.#content += value;
      else if (field === "tool_calls") {
        (this.#toolCalls ??= new ToolCallAssembler(maxCalls)).add(value);
      } else if (field in this.#message || (this.#count += 1) <= maxFields) {
        mergeField(this.#message, field, value);
      }
    }
    for (const field in part) {
      const value = part[field];
      if (value === null || value === undefined || ownFields.has(field)) continue;
      if (field in this.#rest || (this.#count += 1) <= maxFields) {
        mergeField(this.#rest, field, value);
      }
    }
  }

  build(index: number): Choice {
    const calls = this.#toolCalls?.build() ?? [];
    return {
      index,
      logprobs: null,
      ...this.#rest,
      finish_reason: this.#finish,
      message: {
        role: "assistant",
        content: this.#content === "" ? null : this.#content,
        refusal: null,
        ...this.#message,
        ...(calls.length > 0 ? { tool_calls: calls } : {}),
      },
    } as unknown as Choice;
  }
}

/** Fields that each piece repeats instead of continuing. */
const repeated = new Set(["id", "type", "index", "format", "expires_at", "name"]);

/**
 * Continues a field: texts and lists are extended, objects field by field, all else is replaced. Lists and
 * objects are extended in place, because copies would take quadratic time. The first piece is copied, because the
 * chunk's reader has it too.
 */
export function mergeField(target: MutableFields, field: string, value: unknown): void {
  // A server that sends this name could change the prototype of all objects.
  if (field === "__proto__") return;
  const before = target[field];
  if (before === undefined) {
    target[field] = typeof value === "object" ? structuredClone(value) : value;
  } else if (typeof before === "string" && typeof value === "string" && !repeated.has(field)) {
    target[field] = before + value;
  } else if (Array.isArray(before) && Array.isArray(value)) {
    mergeList(before, value);
  } else if (isObject(before) && isObject(value)) {
    for (const [inner, part] of Object.entries(value)) mergeField(before, inner, part);
  } else if (value !== null && value !== undefined) {
    target[field] = value;
  }
}

/** How far back an item is searched: the pieces of one item arrive close together. */
const maxLookBack = 16;

/** Items with an index continue the item of that index and type; the others are appended. */
function mergeList(items: unknown[], added: readonly unknown[]): void {
  for (const item of added) {
    const known = isObject(item) && typeof item["index"] === "number" && findItem(items, item);
    if (known) {
      for (const [field, part] of Object.entries(item)) mergeField(known, field, part);
    } else {
      items.push(structuredClone(item));
    }
  }
}

function findItem(items: readonly unknown[], item: Fields): MutableFields | undefined {
  const first = Math.max(0, items.length - maxLookBack);
  for (let at = items.length - 1; at >= first; at -= 1) {
    const other = items[at];
    if (isObject(other) && isSameItem(other, item)) return other;
  }
  return undefined;
}

/** Reasoning and its signature arrive under one index, as items of two types. */
function isSameItem(one: Fields, other: Fields): boolean {
  if (one["index"] !== other["index"]) return false;
  return ["type", "id"].every((field) => {
    const [a, b] = [one[field], other[field]];
    return a === b || a === undefined || b === undefined || a === null || b === null;
  });
}
