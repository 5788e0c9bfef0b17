import type { Completion, CompletionChunk } from "../completions/index.ts";

/**
 * Leaves out values that are not texts where texts are expected. LangChain joins what it does not know field by
 * field, and throws where one has two types; a role that is not the assistant's makes another message.
 */
export function tidyMetadata(delta: Record<string, unknown>, chunk: object): void {
  const fields = chunk as Record<string, unknown>;
  for (const name of ["model", "system_fingerprint", "service_tier"]) {
    if (typeof fields[name] !== "string") delete fields[name];
  }
  delete delta["role"];
}

/** The position of the choice that has the message. */
export function choiceOf(message: object, { choices }: Completion): number {
  return choices.findIndex((choice) => choice.message === message);
}

/**
 * The chunks of a stream with several choices, each with one choice: LangChain reads no more of a chunk.
 * Each choice gets a message id of its own.
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
