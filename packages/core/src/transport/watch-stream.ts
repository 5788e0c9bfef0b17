import { failureFrom, invalid } from "./check-completion.ts";
import type { Sighting } from "./request.ts";
import { sight } from "./sight.ts";
import type { CompletionChunk, OpenRouterChoiceFields, OpenRouterFields } from "./wire.ts";

/**
 * Passes a live stream on and throws where it fails: at an error in mid-stream, and at an end
 * without a finish, which the OpenAI client takes for a success.
 *
 * @throws {ModelError}
 */
export async function* watchStream(
  chunks: AsyncIterable<CompletionChunk & OpenRouterFields>,
  seen: Sighting,
  now: () => number,
): AsyncGenerator<CompletionChunk> {
  let isFinished = false;
  for await (const chunk of chunks) {
    sight(seen, chunk);
    if (chunk.error) throw failureFrom(chunk.error);
    for (const choice of chunk.choices ?? []) {
      const { error } = choice as OpenRouterChoiceFields;
      const finish = choice.finish_reason as string | null;
      if (error) throw failureFrom(error);
      if (finish === "error") throw failureFrom({ message: "The provider failed in mid-stream" });
      if (finish) isFinished = true;
      if (choice.delta?.content || choice.delta?.tool_calls?.length) seen.firstTokenAt ??= now();
    }
    yield chunk;
  }
  if (!isFinished && !seen.usage)
    throw invalid("The stream ended before the answer did", "truncated");
}
