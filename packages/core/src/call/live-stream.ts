import { isTurnOver, nextTurn } from "../clock/index.ts";
import type { CompletionChunk, OpenStream } from "../completions/index.ts";
import { ModelError, StreamInterruptedError } from "../errors/index.ts";
import type { Route } from "../routes/index.ts";
import type { CallRecord } from "../usage/call-record.ts";
import type { CallContext, CallInput, CallPlan } from "./call-context.ts";
import {
  closeCall,
  composeChain,
  failCall,
  firstAttempt,
  sendOptions,
  startCall,
  type Policy,
  type Send,
} from "./chain.ts";
import { canRestart, emitRestart, restartMark, routeAfter } from "./restart.ts";

/**
 * The chunks of a call as they arrive. Up to the first token, failures are retried or fall back.
 * After it the reader has part of one answer, and another answer would not continue it. Then the stream
 * ends with an error, or starts again if the role allows it.
 */
export class LiveStream implements AsyncIterableIterator<CompletionChunk> {
  /** Opens a stream, through the policies of the call: restarts count against its limits too. */
  readonly #send: Send<OpenStream>;
  readonly #call: CallContext;
  #stream: OpenStream | undefined;
  #route: Route;
  #chunks: readonly CompletionChunk[] = [];
  #index = 0;
  #text = "";
  #restarts = 0;
  #isOver = false;
  #reading: Promise<boolean> | undefined;
  #restart: AbortController | undefined;
  #broken: ModelError | undefined;
  #failure: Promise<unknown> | undefined;
  /** The call's record; set when the stream has ended successfully. */
  record: CallRecord | undefined;
  /** Called if the call fails between two reads. */
  onUnread: (() => void) | undefined;

  /** Opens the stream; resolves at its first token. */
  static async open(
    policies: readonly Policy[],
    plan: CallPlan,
    input: CallInput,
  ): Promise<LiveStream> {
    const call = startCall(plan, input, true);
    const stream = new LiveStream(policies, call);
    await stream.#open(call.routes[0]);
    return stream;
  }

  private constructor(policies: readonly Policy[], call: CallContext) {
    this.#call = call;
    [this.#route] = call.routes;
    this.#send = composeChain(policies, call, (attempt) => {
      this.#route = attempt.route;
      return attempt.route.openStream(sendOptions(attempt, call));
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<CompletionChunk, undefined>> {
    // Chunks that arrived together are read without a wait. Between them other work can run.
    if (this.#index % 8 === 7 && isTurnOver()) await nextTurn();
    while (this.#index === this.#chunks.length) {
      if (this.#reading) {
        // Another reader of the same stream: its failure affects only itself.
        await this.#reading.catch(() => undefined);
        continue;
      }
      this.#reading = this.#read();
      try {
        if (!(await this.#reading)) return { done: true, value: undefined };
      } finally {
        this.#reading = undefined;
        if (this.#broken) this.#endUnread(this.#broken);
      }
    }
    const chunk = this.#chunks[this.#index++] as CompletionChunk;
    return { done: false, value: chunk };
  }

  async return(): Promise<IteratorResult<CompletionChunk, undefined>> {
    if (this.#isOver) return { done: true, value: undefined };
    this.#isOver = true;
    this.#restart?.abort(new ModelError("The reader left the stream", { kind: "aborted" }));
    const hasPassed = this.#chunks.slice(this.#index).every(({ choices }) => !choices?.length);
    if (await this.#stream?.leave(hasPassed)) await this.#finish();
    else {
      const { log } = this.#call;
      if (log.openAttempts > 0) await log.idle();
      closeCall(this.#call);
      log.end("aborted", { kind: "aborted", message: "The reader left the stream" });
    }
    return { done: true, value: undefined };
  }

  /** An error that is thrown into a generator with `yield*` arrives here; it gets that error. */
  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  /** @returns whether there are more chunks */
  async #read(): Promise<boolean> {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw await failure;
    if (this.#isOver) return false;
    try {
      const chunks = await this.#stream?.read();
      // The reader has left during this read.
      if (this.#isOver) return false;
      if (!chunks) return await this.#finish();
      this.#chunks = chunks;
      this.#index = 0;
      for (const { choices } of chunks) {
        this.#text += choices?.find((choice) => !choice?.index)?.delta?.content ?? "";
      }
    } catch (error) {
      if (this.#isOver) return false;
      await this.#handle(error);
    }
    return !this.#isOver;
  }

  async #finish(): Promise<false> {
    const { log } = this.#call;
    this.#isOver = true;
    if (log.openAttempts > 0) await log.idle();
    closeCall(this.#call);
    this.record = log.succeed(this.#text, this.#stream?.metadata ?? {});
    return false;
  }

  /** Starts the stream again, or throws the error for its reader. */
  async #handle(error: unknown): Promise<void> {
    const { signal } = this.#call;
    if (!ModelError.isInstance(error) || signal?.aborted) throw await this.#fail(error);
    if (!canRestart(this.#call, error, this.#restarts)) throw await this.#interrupt(error);
    this.#restarts += 1;
    this.#restart = new AbortController();
    const left = this.#restart.signal;
    emitRestart(this.#call, error);
    const route = routeAfter(this.#call, this.#route);
    await this.#open(route, signal ? AbortSignal.any([signal, left]) : left);
    this.#restart = undefined;
    if (this.#isOver) return;
    this.#text = "";
    this.#chunks = [restartMark(this.#restarts)];
    this.#index = 0;
  }

  async #open(route: Route, signal?: AbortSignal): Promise<void> {
    try {
      const stream = await this.#send(firstAttempt(this.#call, route, signal));
      this.#stream = stream;
      this.#broken = undefined;
      stream.onEnd(({ error }) => {
        this.#broken = error;
        if (error && !this.#reading) this.#endUnread(error);
      });
    } catch (error) {
      if (this.#isOver) return;
      throw await this.#fail(error);
    }
    // The reader has left while a broken stream was being restarted.
    if (this.#isOver) await this.#stream.leave();
  }

  /** Ends the call whose stream was ended. @returns the error for its reader */
  async #interrupt(error: ModelError): Promise<unknown> {
    const { usage } = error.response ?? {};
    const failure = await this.#fail(error);
    if (this.#call.signal?.aborted) return failure;
    const { model } = this.#route;
    return new StreamInterruptedError(model, this.#text, { cause: error, usage });
  }

  /** Ends the call at an abort, or after the time limit of the reader: no read is in progress that would do it. */
  #endUnread(error: ModelError): void {
    if (this.#isOver) return;
    this.#failure = this.#interrupt(error);
    this.onUnread?.();
  }

  async #fail(error: unknown): Promise<unknown> {
    if (this.#isOver) return error;
    this.#isOver = true;
    return await failCall(this.#call, error);
  }
}
