import type { CompletionChunk } from "@orchestra/core";
import { isObject, providerState, wholeState, type Fields } from "@orchestra/core/extend";

/** What the provider of an answer requires, unchanged, in the next request. */
export interface ModelState {
  /** Fields of the message, with the model that they belong to. The gateway removes them from messages to other models. */
  readonly message: Fields;
  /** Google's `extra_content` of the calls, by their ids. */
  readonly calls: Fields;
}

const messageFields = [...providerState.stateFields, "asked_model"];

/** Collects the state of an answer, for the `encrypted_content` of its reasoning. */
export class StateCollector {
  #message: Fields = {};
  readonly #calls: Record<string, unknown> = {};

  /** @param delta - Of the chunk. */
  add(chunk: CompletionChunk, delta: object): void {
    // The delta of a whole answer has all of it.
    const { asked_model, [wholeState]: state = delta } = chunk as unknown as {
      readonly asked_model?: string;
      readonly [wholeState]?: object;
    };
    if (asked_model !== undefined) this.#message = { ...state, asked_model };
  }

  addCall(id: string, call: object): void {
    const { extra_content: extra } = call as { readonly extra_content?: unknown };
    if (extra !== undefined) this.#calls[id] = extra;
  }

  /** The state so far as a text; `undefined` if there is none. */
  encode(): string | undefined {
    const hasState = providerState.hasProviderState(this.#message);
    if (!hasState && Object.keys(this.#calls).length === 0) return undefined;
    const state: ModelState = { message: known(this.#message), calls: this.#calls };
    return Buffer.from(JSON.stringify(state)).toString("base64url") + end;
  }
}

/** Marks the end of a text. LangChain joins those of a stream; each has the whole state at its time. */
const end = ".";

/** Reads an `encrypted_content`. @returns `undefined` for one that is not from this server */
export function readState(content: unknown): ModelState | undefined {
  if (typeof content !== "string") return undefined;
  const encoded = content.split(end).at(-2) ?? "";
  try {
    const { message, calls } = JSON.parse(Buffer.from(encoded, "base64url").toString()) as Fields;
    if (isObject(message) && isObject(calls)) return { message: known(message), calls };
  } catch {
    // Other servers write other texts.
  }
  return undefined;
}

function known(message: Fields): Fields {
  const fields = messageFields.map((field) => [field, message[field]] as const);
  return Object.fromEntries(fields.filter(([, value]) => !providerState.isEmpty(value)));
}
