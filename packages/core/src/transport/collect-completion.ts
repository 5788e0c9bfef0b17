import type { Chunk } from "./chunk-reader.ts";
import type { Completion, CompletionChunk } from "./wire.ts";

type Choice = Completion["choices"][number];
type Delta = CompletionChunk["choices"][number]["delta"] & { reasoning?: string | null };
type ToolCall = { id: string; name: string; arguments: string };

/**
 * Puts a streamed answer together to what the same request would have answered unstreamed.
 *
 * @param packets - As {@link watchStream} passes them on: complete, with usage last.
 * @param onText - Called with each piece of text as it arrives.
 */
export async function collectCompletion(
  packets: AsyncIterable<readonly Chunk[]>,
  onText?: (text: string) => void,
): Promise<Completion> {
  const choices = new Map<number, ChoiceBuilder>();
  let last: Chunk | undefined;
  for await (const packet of packets) {
    for (const chunk of packet) {
      last = chunk;
      for (const { index = 0, delta, finish_reason: finish } of chunk.choices) {
        let builder = choices.get(index);
        if (!builder) choices.set(index, (builder = new ChoiceBuilder()));
        builder.add(delta ?? {}, finish);
        if (delta?.content) onText?.(delta.content);
      }
    }
  }
  const built = [...choices].map(([index, choice]) => choice.build(index));
  return { ...last, object: "chat.completion", choices: built } as Completion;
}

/** Grows one choice of the answer, delta by delta. */
class ChoiceBuilder {
  #finish: string | null = null;
  #content = "";
  #refusal = "";
  #reasoning = "";
  readonly #toolCalls = new Map<number, ToolCall>();

  add(delta: Delta, finish: string | null | undefined): void {
    if (finish) this.#finish = finish;
    this.#content += delta.content ?? "";
    this.#refusal += delta.refusal ?? "";
    this.#reasoning += delta.reasoning ?? "";
    for (const part of delta.tool_calls ?? []) {
      let call = this.#toolCalls.get(part.index);
      if (!call) this.#toolCalls.set(part.index, (call = { id: "", name: "", arguments: "" }));
      if (part.id) call.id = part.id;
      call.name += part.function?.name ?? "";
      call.arguments += part.function?.arguments ?? "";
    }
  }

  build(index: number): Choice {
    const calls = [...this.#toolCalls.values()].map(({ id, ...function_ }) => ({
      id,
      type: "function" as const,
      function: function_,
    }));
    const message = {
      role: "assistant" as const,
      content: this.#content === "" ? null : this.#content,
      refusal: this.#refusal === "" ? null : this.#refusal,
      ...(this.#reasoning === "" ? {} : { reasoning: this.#reasoning }),
      ...(calls.length > 0 ? { tool_calls: calls } : {}),
    };
    const finish_reason = this.#finish as Choice["finish_reason"];
    return { index, finish_reason, logprobs: null, message };
  }
}
