import { failureFrom, invalid } from "./check-completion.ts";
import { sight } from "./sight.ts";
import type { Sighting } from "./request.ts";
import type {
  Completion,
  CompletionChunk,
  OpenRouterChoiceFields,
  OpenRouterFields,
} from "./wire.ts";

type Choice = Completion["choices"][number];
type Delta = CompletionChunk["choices"][number]["delta"] & { reasoning?: string | null };
type ToolCall = { index: number; id: string; name: string; arguments: string };

/**
 * Puts a streamed answer together to what the same request would have answered unstreamed.
 *
 * @param onText - Called with each piece of text as it arrives.
 * @throws {ModelError} for an error in mid-stream, or an end without a finish
 */
export async function collectCompletion(
  chunks: AsyncIterable<CompletionChunk & OpenRouterFields>,
  seen: Sighting,
  now: () => number,
  onText?: (text: string) => void,
): Promise<Completion> {
  const choices = new Map<number, ChoiceBuilder>();
  let last: CompletionChunk | undefined;
  for await (const chunk of chunks) {
    last = chunk;
    sight(seen, chunk);
    if (chunk.error) throw failureFrom(chunk.error);
    for (const choice of chunk.choices ?? []) {
      const { error } = choice as OpenRouterChoiceFields;
      if (error) throw failureFrom(error);
      let builder = choices.get(choice.index ?? 0);
      if (!builder) choices.set(choice.index ?? 0, (builder = new ChoiceBuilder()));
      if (builder.add(choice.delta ?? {}, choice.finish_reason)) seen.firstTokenAt ??= now();
      if (choice.delta?.content) onText?.(choice.delta.content);
    }
  }
  const isComplete = seen.usage || [...choices.values()].some((choice) => choice.finish);
  if (!last || !isComplete) throw invalid("The stream ended before the answer did", "truncated");
  const { id, created, model, usage } = last;
  const { provider } = last as OpenRouterFields;
  const built = [...choices].map(([index, choice]) => choice.build(index));
  const completion = { id, object: "chat.completion", created, model, provider, choices: built };
  return { ...completion, ...(usage ? { usage } : {}) } as Completion;
}

/** Grows one choice of the answer, delta by delta. */
class ChoiceBuilder {
  finish: string | null = null;
  #content = "";
  #refusal = "";
  #reasoning = "";
  readonly #toolCalls = new Map<number, ToolCall>();

  /** @returns whether the delta brought a token */
  add(delta: Delta, finish: string | null | undefined): boolean {
    if (finish) this.finish = finish;
    this.#content += delta.content ?? "";
    this.#refusal += delta.refusal ?? "";
    this.#reasoning += delta.reasoning ?? "";
    for (const part of delta.tool_calls ?? []) {
      let call = this.#toolCalls.get(part.index);
      if (!call) {
        call = { index: part.index, id: "", name: "", arguments: "" };
        this.#toolCalls.set(part.index, call);
      }
      if (part.id) call.id = part.id;
      call.name += part.function?.name ?? "";
      call.arguments += part.function?.arguments ?? "";
    }
    return Boolean(delta.content || delta.reasoning || delta.tool_calls?.length);
  }

  build(index: number): Choice {
    const calls = [...this.#toolCalls.values()].map(({ id, name, arguments: text }) => ({
      id,
      type: "function" as const,
      function: { name, arguments: text },
    }));
    const message = {
      role: "assistant" as const,
      content: this.#content === "" ? null : this.#content,
      refusal: this.#refusal === "" ? null : this.#refusal,
      ...(this.#reasoning === "" ? {} : { reasoning: this.#reasoning }),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
    return {
      index,
      finish_reason: this.finish as Choice["finish_reason"],
      logprobs: null,
      message,
    };
  }
}
