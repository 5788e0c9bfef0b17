import { systemClock } from "../clock/index.ts";
import { failureFrom, filtered, invalid } from "./check-completion.ts";
import type { Chunk, ChunkReader } from "./chunk-reader.ts";
import type { CompletionRequest } from "./request.ts";
import { sight } from "./sight.ts";
import type { OpenRouterChoiceFields } from "./wire.ts";

/** Servers that report usage do so right behind the finish; one that does not must not be waited for. */
const usageGraceMs = 1000;
const goodbyeGraceMs = 1000;

/**
 * Passes a stream on, packet by packet, in the one form that its readers may rely on: usage comes
 * exactly once and last, and the end is the answer's own.
 *
 * - An error in mid-stream throws, in each shape that it comes in, behind what had come before it.
 * - An end without a finish throws; the OpenAI client takes it for a success.
 * - A finish with usage is the end, at once, even if neither `[DONE]` nor the connection's end follow.
 * - Usage that a gateway puts on a chunk with content is moved to the last one, where LangChain counts
 *   it once.
 *
 * @throws {ModelError}
 */
export async function* watchStream(
  reader: ChunkReader,
  request: Pick<CompletionRequest, "seen" | "onProgress">,
  now: () => number,
): AsyncGenerator<readonly Chunk[]> {
  const watch = new StreamWatch(request, now);
  let hasEnded = false;
  try {
    while (!watch.isComplete) {
      const read = reader.read();
      const packet = await (watch.isFinished ? orTimeout(read, usageGraceMs) : read);
      hasEnded = packet === undefined && !watch.isFinished;
      if (!packet) break;
      const { chunks, failure } = watch.take(packet);
      if (chunks.length > 0) yield chunks;
      if (failure) throw failure;
    }
  } finally {
    if (!hasEnded) void leave(reader, watch.isFinished);
  }
  yield [watch.end()];
}

/** What has been seen of a stream so far. */
class StreamWatch {
  isFinished = false;
  #isBilled = false;
  #isFiltered = false;
  #last: Chunk | undefined;
  #usage: Chunk["usage"];
  readonly #request: Pick<CompletionRequest, "seen" | "onProgress">;
  readonly #now: () => number;

  constructor(request: Pick<CompletionRequest, "seen" | "onProgress">, now: () => number) {
    this.#request = request;
    this.#now = now;
  }

  get isComplete(): boolean {
    return this.isFinished && this.#isBilled;
  }

  /** The chunks of a packet that are part of the answer, and what failed behind them. */
  take(packet: readonly Chunk[]): { chunks: readonly Chunk[]; failure?: Error } {
    const chunks: Chunk[] = [];
    try {
      for (const chunk of packet) {
        this.#takeOne(chunk);
        if (chunk.choices?.length) chunks.push(chunk.usage ? { ...chunk, usage: null } : chunk);
        if (this.isComplete) break;
      }
      return { chunks };
    } catch (failure) {
      return { chunks, failure: failure as Error };
    }
  }

  /** @throws {ModelError} for an answer that was cut off */
  end(): Chunk {
    if (!this.#last || !(this.isFinished || this.#isBilled)) {
      throw invalid("The stream ended before the answer did", "truncated");
    }
    if (this.#isFiltered) throw filtered();
    return { ...this.#last, choices: [], ...(this.#usage ? { usage: this.#usage } : {}) };
  }

  #takeOne(chunk: Chunk): void {
    const { seen, onProgress } = this.#request;
    this.#last = chunk;
    sight(seen, chunk);
    if (chunk.error) throw failureFrom(chunk.error);
    const { progress, finish, isFiltered } = readChoices(chunk);
    this.isFinished ||= finish;
    this.#isFiltered ||= isFiltered;
    // Some providers report usage as they go; only what comes at the end is the whole of it.
    this.#usage = chunk.usage ?? this.#usage;
    this.#isBilled ||= Boolean(chunk.usage) && (this.isFinished || !chunk.choices?.length);
    if (progress) seen.firstTokenAt ??= this.#now();
    if (progress || finish) onProgress?.();
  }
}

/** @throws {ModelError} for an error inside a choice */
function readChoices(chunk: Chunk): { progress: boolean; finish: boolean; isFiltered: boolean } {
  let progress = false;
  let finish = false;
  let isFiltered = false;
  for (const choice of chunk.choices ?? []) {
    const { error } = choice as OpenRouterChoiceFields;
    const reason = choice.finish_reason as string | null | undefined;
    if (error) throw failureFrom(error);
    if (reason === "error") throw failureFrom({ message: "The provider failed in mid-stream" });
    const { content, tool_calls, refusal, reasoning } = (choice.delta ?? {}) as Delta;
    progress ||= Boolean(content || refusal || reasoning || tool_calls?.length);
    finish ||= Boolean(reason);
    isFiltered ||= reason === "content_filter";
  }
  return { progress, finish, isFiltered };
}

type Delta = Chunk["choices"][number]["delta"] & { reasoning?: string | null };

/**
 * Ends the reading. A stream that is complete gets a moment to say `[DONE]`, so that its connection
 * can be used again; any other is cut off.
 */
async function leave(reader: ChunkReader, isFinished: boolean): Promise<void> {
  try {
    const isOver = isFinished && (await orTimeout(reader.drain(), goodbyeGraceMs));
    if (!isOver) await reader.cancel();
  } catch {
    // The answer is complete, or failed already; how its connection ends changes nothing.
  }
}

function orTimeout<T>(work: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const cancel = systemClock.after(timeoutMs, () => resolve(undefined));
  return Promise.race([work, promise]).finally(cancel);
}
