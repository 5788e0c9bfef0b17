import { asChunks } from "./as-chunks.ts";
import { isAfterAnswer, readLateUsage } from "./late-usage.ts";
import { readCompletion } from "./read-completion.ts";
import { checkCompletion, type ResponseState } from "./response-state.ts";
import { tidyCompletion } from "./tidy-completion.ts";
import type { EventReader } from "./reading/event-reader.ts";
import type { SendOptions } from "./send.ts";
import type { CompletionChunk } from "./wire.ts";

/** The source of the chunks of an open stream. A batch has all chunks that arrived together. */
export interface ChunkSource {
  /** @returns `undefined` at the end of an answer that is complete */
  read(): Promise<readonly CompletionChunk[] | undefined>;
  /** Whether the first token has arrived. */
  readonly hasToken: boolean;
  /** Ends the reading: the connection is closed, or reused if everything was read. */
  close(): void;
}

/** The chunks of a response to a streaming request. */
export async function sourceOf(
  reader: EventReader,
  options: SendOptions,
  state: ResponseState,
): Promise<ChunkSource> {
  if (!(await reader.isJson())) return new EventSource(reader, options, state);
  // Some servers answer a streaming request with a whole answer.
  const completion = await reader.readJson();
  readCompletion(completion, state);
  state.metadata.firstTokenAt = options.clock.now();
  tidyCompletion(completion, options.request);
  checkCompletion(completion, state.limits.toolCalls);
  return documentSource(asChunks(completion));
}

/** The chunks of an answer that has already arrived. */
export function documentSource(chunks: readonly CompletionChunk[]): ChunkSource {
  const batches = [chunks];
  return {
    get hasToken() {
      return batches.length === 0;
    },
    read: async () => batches.shift(),
    close() {},
  };
}

/** Reads chunks from the connection, and tracks the state of the answer. */
class EventSource implements ChunkSource {
  readonly #reader: EventReader;
  readonly #options: SendOptions;
  readonly #state: ResponseState;
  #failure: unknown;

  constructor(reader: EventReader, options: SendOptions, state: ResponseState) {
    this.#reader = reader;
    this.#options = options;
    this.#state = state;
  }

  get hasToken(): boolean {
    return this.#state.hasToken;
  }

  async read(): Promise<readonly CompletionChunk[] | undefined> {
    const state = this.#state;
    if (this.#failure !== undefined) throw this.#failure;
    if (!state.isComplete) {
      let chunks: readonly CompletionChunk[] | undefined;
      try {
        chunks = await this.#reader.readChunks(state.isFinished);
      } catch (error) {
        if (!isAfterAnswer(error, state, this.#options.signal)) throw error;
      }
      if (chunks) return this.#take(chunks);
    }
    state.end();
    return undefined;
  }

  /** @returns the chunks that are part of the answer; an error after them is thrown by the next read */
  #take(arrived: readonly CompletionChunk[]): readonly CompletionChunk[] {
    const { progress, clock } = this.#options;
    const taken: CompletionChunk[] = [];
    try {
      for (const chunk of arrived) {
        if (this.#state.take(chunk, clock.now())) progress?.progress();
        taken.push(chunk);
        if (this.#state.isComplete) break;
      }
    } catch (failure) {
      if (taken.length === 0) throw failure;
      this.#failure = failure;
    }
    return taken;
  }

  close(): void {
    const { isFinished, metadata } = this.#state;
    if (isFinished && !metadata.usage) readLateUsage(this.#reader, this.#state);
    else void this.#reader.leave(isFinished);
  }
}
