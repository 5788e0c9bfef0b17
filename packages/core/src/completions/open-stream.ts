import { errorOf } from "../errors/error-of.ts";
import { ModelError } from "../errors/index.ts";
import type { ResponseMetadata } from "../usage/response-metadata.ts";
import { invalid } from "./invalid-answer.ts";
import { sourceOf, type ChunkSource } from "./event-source.ts";
import type { Endpoint } from "./http/http.ts";
import type { EndHandler, RequestEnd } from "./request-end.ts";
import { ResponseState } from "./response-state.ts";
import { ChunkTidier, needsTidying } from "./tidy-chunks.ts";
import { send, sendError, type SendOptions } from "./send.ts";
import type { CompletionChunk } from "./wire.ts";

/**
 * Makes one request and resolves at the first token of its stream. Until then, a failure can be
 * retried without the caller noticing.
 *
 * @throws {ModelError} if the response is not the beginning of an answer
 */
export async function openStream(endpoint: Endpoint, options: SendOptions): Promise<OpenStream> {
  const state = new ResponseState();
  const head: CompletionChunk[] = [];
  try {
    const source = await sourceOf(
      await send(endpoint, options.request, options, state),
      options,
      state,
    );
    try {
      while (!source.hasToken) {
        const chunks = await source.read();
        if (!chunks) throw invalid("The answer is empty", "empty");
        // None of it is part of the answer, and some servers send it without end.
        if (head.length < 1000 || source.hasToken) head.push(...chunks);
      }
    } catch (error) {
      source.close();
      throw error;
    }
    return new OpenStream(head, source, options, state);
  } catch (error) {
    throw sendError(error, options, state);
  }
}

/** A stream whose first token has arrived. It ends once: with its answer, a failure, or its reader. */
export class OpenStream {
  readonly kind = "stream";
  #head: readonly CompletionChunk[] | undefined;
  readonly #source: ChunkSource;
  readonly #options: SendOptions;
  readonly #state: ResponseState;
  readonly #handlers: EndHandler[] = [];
  #transform: ((chunk: CompletionChunk) => CompletionChunk) | undefined;
  #tidier: ChunkTidier | undefined;
  /** Pieces of tool calls that were held back when the stream ended. */
  #rest: readonly CompletionChunk[] | undefined;
  #ending: Promise<void> | undefined;
  /** The metadata for the next handler, once the stream has ended. */
  #endsWith: RequestEnd | undefined;

  constructor(
    head: readonly CompletionChunk[],
    source: ChunkSource,
    options: SendOptions,
    state: ResponseState,
  ) {
    this.#head = head;
    this.#source = source;
    this.#options = options;
    this.#state = state;
    options.progress?.pause();
    if (options.signal.aborted) this.#abort();
    else options.signal.addEventListener("abort", this.#abort, { once: true });
  }

  get metadata(): ResponseMetadata {
    return this.#state.metadata;
  }

  /** Calls a function when the stream has ended for any reason, in the order of the registrations. */
  onEnd(handler: EndHandler): void {
    this.#handlers.push(handler);
    // An abort can end the stream before it has passed the outer policies, which register later.
    this.#ending = this.#ending?.then(() => this.#runHandlers());
  }

  /** Changes each chunk on its way to the reader. */
  map(transform: (chunk: CompletionChunk) => CompletionChunk): void {
    const before = this.#transform;
    this.#transform = before ? (chunk) => transform(before(chunk)) : transform;
  }

  /**
   * The chunks that have arrived, or none if all are held back; `undefined` at the end, after all
   * end handlers.
   *
   * @throws {ModelError} for a stream that fails, after all end handlers
   */
  async read(): Promise<readonly CompletionChunk[] | undefined> {
    const head = this.#head;
    this.#head = undefined;
    const chunks = head ?? (this.#ending ? await this.#readAfterEnd() : await this.#readNext());
    try {
      const tidy = chunks ? this.#tidy(chunks) : this.#rest;
      if (!chunks) this.#rest = undefined;
      return this.#transform ? tidy?.map(this.#transform) : tidy;
    } catch (error) {
      throw await this.#fail(error);
    }
  }

  #tidy(chunks: readonly CompletionChunk[]): readonly CompletionChunk[] {
    if (!this.#tidier && !chunks.some(needsTidying)) return chunks;
    const { request } = this.#options;
    const tidier = (this.#tidier ??= new ChunkTidier(request, this.#state.limits.toolCalls));
    return chunks.flatMap((chunk) => tidier.tidy(chunk) ?? []);
  }

  /**
   * The reader has left. If the answer has its finish reason, the stream is still read for a moment, for
   * its usage.
   *
   * @param hasPassed - Whether the reader has received everything that was read.
   * @returns whether the reader has received the whole answer
   */
  async leave(hasPassed = false): Promise<boolean> {
    this.#tidier = undefined;
    const isFinished = !this.#ending && this.#state.isFinished && (await this.#readUsage());
    const isWhole = isFinished && hasPassed && !this.#head;
    await this.#end(
      isWhole ? undefined : new ModelError("The reader left the stream", { kind: "aborted" }),
    );
    return isWhole;
  }

  async #readUsage(): Promise<boolean> {
    try {
      while (await this.#source.read());
      return true;
    } catch {
      return false;
    }
  }

  async #readNext(): Promise<readonly CompletionChunk[] | undefined> {
    const { progress } = this.#options;
    progress?.resume();
    try {
      const chunks = await this.#source.read();
      if (!chunks) {
        this.#rest = this.#tidier?.rest();
        await this.#end();
      }
      return chunks;
    } catch (error) {
      throw await this.#fail(error);
    } finally {
      progress?.pause();
    }
  }

  /** Ends the stream. @returns the error for its reader */
  async #fail(error: unknown): Promise<ModelError> {
    const failure = sendError(error, this.#options, this.#state);
    await this.#end(failure);
    return failure;
  }

  async #readAfterEnd(): Promise<undefined> {
    await this.#ending;
    if (this.#options.signal.aborted) throw sendError(undefined, this.#options, this.#state);
  }

  #end(error?: ModelError): Promise<void> {
    if (this.#ending) return this.#ending;
    this.#options.signal.removeEventListener("abort", this.#abort);
    this.#source.close();
    this.#endsWith = { metadata: this.metadata, ...(error && { error }) };
    this.#ending = this.#runHandlers();
    return this.#ending;
  }

  /** If one handler throws, the others are still called. */
  async #runHandlers(): Promise<void> {
    const handler = this.#endsWith && this.#handlers.shift();
    if (!handler || !this.#endsWith) return;
    try {
      const metadata = await handler(this.#endsWith);
      if (metadata) this.#endsWith = { ...this.#endsWith, metadata };
    } catch (error) {
      throw errorOf(error, "A handler of onRequestEnd()");
    } finally {
      await this.#runHandlers();
    }
  }

  readonly #abort = (): void => {
    this.#end(sendError(undefined, this.#options, this.#state)).catch(() => undefined);
  };
}
