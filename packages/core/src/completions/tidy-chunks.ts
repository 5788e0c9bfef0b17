import { isObject, type Fields } from "../input/is-object.ts";
import { mergeField } from "./assemble-completion.ts";
import { hasProviderState, isEmpty, type ProviderState } from "./request/provider-state.ts";
import { parametersOf } from "./tidy-completion.ts";
import { ToolCallAssembler } from "./tool-calls/tool-call-assembler.ts";
import { toolCallIds } from "./tool-calls/tool-call-id.ts";
import type { ChatRequest, CompletionChunk } from "./wire.ts";

/** The state of a streamed answer so far, on its chunks from the first with state: readers cannot join its pieces. */
export const wholeState = Symbol("orchestra.wholeState");

/** Whether a chunk has a tool call, or state that the provider requires later. */
export function needsTidying({ choices }: CompletionChunk): boolean {
  if (!Array.isArray(choices)) return false;
  return choices.some((choice: unknown) => {
    const delta = isObject(choice) ? choice["delta"] : undefined;
    if (!isObject(delta)) return false;
    return Boolean(delta["tool_calls"] || delta["function_call"]) || hasProviderState(delta);
  });
}

/** Converts the chunks of one stream to one format, so that they join to the whole answer. */
export class ChunkTidier {
  readonly #request: ChatRequest;
  readonly #takenIds: ReadonlySet<string>;
  readonly #calls = new Map<number, ToolCallAssembler>();
  readonly #state: Fields = {};
  #hasCallState = false;

  readonly #maxToolCalls: number;

  constructor(request: ChatRequest, maxToolCalls: number) {
    this.#request = request;
    this.#maxToolCalls = maxToolCalls;
    this.#takenIds = toolCallIds(request.messages);
  }

  /**
   * @returns `undefined` for a chunk that has only arguments that are held back
   * @throws {ModelError} for too many or incomplete tool calls
   */
  tidy(chunk: CompletionChunk): CompletionChunk | undefined {
    if (!Array.isArray(chunk.choices)) return chunk;
    const given = chunk.choices as unknown[];
    const choices = given.map((choice) => (isObject(choice) ? this.#tidyChoice(choice) : choice));
    if (
      !chunk.usage &&
      given.length > 0 &&
      choices.every((choice, at) => isHeld(given[at], choice))
    )
      return undefined;
    const hasState = this.#hasCallState || Object.keys(this.#state).length > 0;
    return {
      ...chunk,
      choices,
      ...(hasState
        ? {
            asked_model: this.#request.model,
            [wholeState]: this.#state satisfies ProviderState,
          }
        : {}),
    } as unknown as CompletionChunk;
  }

  /**
   * The remaining tool calls of choices without a finish reason, because some servers end their streams this way.
   *
   * @returns one chunk; `undefined` if nothing remains
   */
  rest(): readonly CompletionChunk[] | undefined {
    const choices = [...this.#calls].flatMap(([index, calls]) => {
      const ends = calls.finish(this.#schemaOf);
      return ends.length > 0 ? [{ index, delta: { tool_calls: ends }, finish_reason: null }] : [];
    });
    if (choices.length === 0) return undefined;
    return [{ object: "chat.completion.chunk", choices } as unknown as CompletionChunk];
  }

  #tidyChoice(choice: Fields): Fields {
    const { index = 0, finish_reason: finish } = choice;
    const {
      tool_calls: parts,
      function_call: called,
      ...rest
    } = isObject(choice["delta"]) ? choice["delta"] : ({} as Fields);
    if (Number(index) === 0) this.#collectState(rest);
    if (Array.isArray(parts) && parts.some(hasExtra)) this.#hasCallState = true;
    const isOlder = isObject(called) && this.#request.tools !== undefined;
    const given = isOlder ? [{ index: 0, function: called }] : parts;
    const calls = given ? this.#assemblerOf(Number(index)) : this.#calls.get(Number(index));
    const deltas = given && calls ? calls.add(given, this.#takenIds) : [];
    const ends = finish && calls ? calls.finish(this.#schemaOf, finish === "length") : [];
    const all = joined(deltas, ends);
    const delta = {
      ...rest,
      ...(called && !isOlder ? { function_call: called } : {}),
      ...(all.length > 0 ? { tool_calls: all } : {}),
    };
    return { ...choice, delta };
  }

  readonly #schemaOf = (tool: string): unknown => parametersOf(this.#request, tool);

  #assemblerOf(choice: number): ToolCallAssembler {
    const known = this.#calls.get(choice) ?? new ToolCallAssembler(this.#maxToolCalls);
    this.#calls.set(choice, known);
    return known;
  }

  #collectState({ reasoning, reasoning_content, reasoning_details, extra_content }: Fields): void {
    const pieces = { reasoning, reasoning_content, reasoning_details, extra_content };
    for (const [field, value] of Object.entries(pieces)) {
      if (value !== undefined && value !== null) mergeField(this.#state, field, value);
    }
  }
}

/** Whether a choice had only tool calls, and is empty because they are held back. */
function isHeld(given: unknown, tidied: unknown): boolean {
  if (!isObject(given) || !isObject(given["delta"]) || !given["delta"]["tool_calls"]) return false;
  const { delta, finish_reason: finish, logprobs } = tidied as Fields;
  if (finish || logprobs) return false;
  return Object.entries(delta as Fields).every(
    ([name, value]) => name === "role" || isEmpty(value),
  );
}

function hasExtra(part: unknown): boolean {
  return isObject(part) && part["extra_content"] !== undefined;
}

/** One delta for each call, if the last piece arrives with the end. */
function joined(deltas: readonly Fields[], ends: readonly Fields[]): readonly Fields[] {
  const rest = [...ends];
  const all = deltas.map((delta) => {
    const at = rest.findIndex(({ index }) => index === delta["index"]);
    if (at < 0) return delta;
    const [end = delta] = rest.splice(at, 1);
    const called = delta["function"] as { readonly arguments: string };
    const { arguments: more } = end["function"] as { readonly arguments: string };
    return { ...delta, function: { ...called, arguments: called.arguments + more } };
  });
  return [...all, ...rest];
}
