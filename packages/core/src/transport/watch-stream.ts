import { systemClock } from "../clock/index.ts";
import { failureFrom, invalid } from "./check-completion.ts";
import type { CompletionRequest } from "./request.ts";
import { sight } from "./sight.ts";
import type { CompletionChunk, OpenRouterChoiceFields, OpenRouterFields } from "./wire.ts";

type Chunk = CompletionChunk & OpenRouterFields;

/**
 * Passes a stream on, chunk by chunk, in the one form that its readers may rely on: usage comes
 * exactly once and last, and the end is the answer's own.
 *
 * - An error in mid-stream throws, in each shape that it comes in.
 * - An end without a finish throws; the OpenAI client takes it for a success.
 * - A finish with usage is the end, at once, even if neither `[DONE]` nor the connection's end follow.
 * - Usage that a gateway puts on a chunk with content is moved to the last one, where LangChain counts
 *   it once.
 *
 * @param cut - Ends the request, though a read of it is under way.
 * @throws {ModelError}
 */
export async function* watchStream(
  chunks: AsyncIterable<Chunk>,
  { seen, onProgress }: Pick<CompletionRequest, "seen" | "onProgress">,
  now: () => number,
  cut: () => void = () => undefined,
): AsyncGenerator<Chunk> {
  const iterator = chunks[Symbol.asyncIterator]();
  let last: Chunk | undefined;
  let usage: Chunk["usage"];
  let isFinished = false;
  let isBilled = false;
  let hasEnded = false;
  try {
    while (!(isFinished && isBilled)) {
      const result = await (isFinished
        ? orTimeout(iterator.next(), usageGraceMs)
        : iterator.next());
      hasEnded = result?.done ?? false;
      if (!result || result.done) break;
      const next = result.value;
      last = next;
      sight(seen, next);
      if (next.error) throw failureFrom(next.error);
      const { progress, finish } = readChoices(next);
      isFinished ||= finish;
      // Some providers report usage as they go; only what comes at the end is the whole of it.
      usage = next.usage ?? usage;
      isBilled ||= Boolean(next.usage) && (isFinished || !next.choices?.length);
      if (progress) seen.firstTokenAt ??= now();
      if (progress || finish) onProgress?.();
      if (next.choices?.length) yield { ...next, usage: null };
    }
  } finally {
    if (!hasEnded) void leave(iterator, isFinished, cut);
  }
  if (!last || !(isFinished || isBilled)) {
    throw invalid("The stream ended before the answer did", "truncated");
  }
  yield { ...last, choices: [], ...(usage ? { usage } : {}) };
}

/** @throws {ModelError} for an error inside a choice */
function readChoices(chunk: Chunk): { progress: boolean; finish: boolean } {
  let progress = false;
  let finish = false;
  for (const choice of chunk.choices ?? []) {
    const { error } = choice as OpenRouterChoiceFields;
    const reason = choice.finish_reason as string | null | undefined;
    if (error) throw failureFrom(error);
    if (reason === "error") throw failureFrom({ message: "The provider failed in mid-stream" });
    const { content, tool_calls, refusal, reasoning } = (choice.delta ?? {}) as Delta;
    progress ||= Boolean(content || refusal || reasoning || tool_calls?.length);
    finish ||= Boolean(reason);
  }
  return { progress, finish };
}

type Delta = CompletionChunk["choices"][number]["delta"] & { reasoning?: string | null };

/** Servers that report usage do so right behind the finish; one that does not must not be waited for. */
const usageGraceMs = 1000;
const goodbyeGraceMs = 1000;

/**
 * Ends the reading. A stream that is complete gets a moment to say `[DONE]`, so that its connection
 * can be used again; any other is cut off.
 */
async function leave(
  iterator: AsyncIterator<Chunk>,
  isFinished: boolean,
  cut: () => void,
): Promise<void> {
  try {
    if (isFinished) {
      const next = await orTimeout(iterator.next(), goodbyeGraceMs);
      if (next?.done) return;
    }
    // Without it, `return` would wait for a read that is under way.
    cut();
    await iterator.return?.();
  } catch {
    // The answer is complete, or failed already; how its connection ends changes nothing.
  }
}

async function orTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const stop = new AbortController();
  const timeout = systemClock.sleep(timeoutMs, stop.signal).then(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    timeout.catch(() => undefined);
    stop.abort();
  }
}
