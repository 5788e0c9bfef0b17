import type { Completion, CompletionChunk } from "../completions/index.ts";

/**
 * Removes values that are not texts where texts are expected. LangChain joins unknown fields one by
 * one, and throws if one has two types; a role other than the assistant's creates another message class.
 */
export function tidyMetadata(delta: Record<string, unknown>, chunk: object): void {
  const fields = chunk as Record<string, unknown>;
  for (const name of ["model", "system_fingerprint", "service_tier"]) {
    if (typeof fields[name] !== "string") delete fields[name];
  }
  delete delta["role"];
}

/** The index of the choice that has the message. */
export function choiceOf(message: object, { choices }: Completion): number {
  return choices.findIndex((choice) => choice.message === message);
}

/**
 * The chunks of a stream with several choices, each with one choice: LangChain reads only one choice of a chunk.
 * Each choice gets its own message id.
 */
export async function* oneChoiceEach(
  chunks: AsyncIterable<CompletionChunk>,
  id: string,
): AsyncGenerator<CompletionChunk> {
  for await (const chunk of chunks) {
    if (!chunk.choices?.length) yield chunk;
    for (const choice of chunk.choices ?? []) {
      const { index = 0 } = choice as { readonly index?: number };
      yield { ...chunk, choices: [choice], choice_id: `${id}-${index}` } as CompletionChunk;
    }
  }
}
