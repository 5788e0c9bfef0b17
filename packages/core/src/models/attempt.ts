import type { BaseMessage } from "@langchain/core/messages";
import { ModelError, toModelError } from "../errors/index.ts";
import { Deadline, ProgressWatch } from "../resilience/index.ts";
import { noUsage, type CompletionRequest, type Sighting } from "../transport/index.ts";
import type { Usage } from "../usage/call-record.ts";
import type { Pass } from "./admission.ts";
import type { OpenAttempt } from "./call-log.ts";
import type { Candidate } from "./candidate.ts";
import type { ModelCall } from "./model-call.ts";
import { price } from "./price.ts";

/** What a chat model is asked in one attempt. */
export interface AttemptInput {
  readonly messages: BaseMessage[];
  readonly options: Record<string, unknown>;
}

export interface AttemptOptions {
  readonly call: ModelCall;
  readonly candidate: Candidate;
  readonly input: AttemptInput;
  /** The call's own, or that of a race between two attempts. */
  readonly signal: AbortSignal;
  /** How long the call waited before this attempt, in milliseconds. */
  readonly waitedMs: number;
  readonly isLive?: boolean;
  readonly isRepair?: boolean;
  /** Called with each piece of text, and the attempt's number. */
  readonly onText?: ((text: string, attempt: number) => void) | undefined;
}

/** One HTTP attempt: its admission, its time limits, its place in the call's log. */
export class Attempt implements Disposable {
  readonly deadline: Deadline;
  readonly #options: AttemptOptions;
  readonly #pass: Pass;
  readonly #open: OpenAttempt;
  readonly #watch: ProgressWatch | undefined;

  /** Waits until the attempt may be made. Its time limits begin when it is. */
  static async start(options: AttemptOptions): Promise<Attempt> {
    const { call, candidate, input, signal } = options;
    return new Attempt(options, await call.admit(candidate, input, signal));
  }

  private constructor(options: AttemptOptions, pass: Pass) {
    const { call, candidate, signal, waitedMs, isLive, isRepair } = options;
    const { attemptMs, firstTokenMs, stallMs } = call.timeouts;
    const { clock } = call.services;
    this.#options = options;
    this.#pass = pass;
    this.#open = call.log.begin(candidate, { waitedMs, pacedMs: pass.waitedMs, isRepair });
    this.deadline = new Deadline({
      timeoutMs: attemptMs,
      clock,
      signal,
      onTimeout: () => this.#silence(`gave no answer within ${attemptMs / 1000} s`),
    });
    signal.addEventListener("abort", this.#onAbort, { once: true });
    // An answer that comes in one piece shows no progress before it is there.
    if (!isLive && !candidate.streamsWhole) return;
    this.#watch = new ProgressWatch({
      clock,
      firstMs: firstTokenMs,
      betweenMs: stallMs,
      onSilence: (silence, limitMs) => {
        const what = silence === "first" ? "gave no token within" : "stalled for";
        this.deadline.expire(this.#silence(`${what} ${limitMs / 1000} s`));
      },
    });
  }

  get seen(): Sighting {
    return this.#open.seen;
  }

  /** The caller's options with what belongs to this attempt alone. */
  get chatOptions(): Record<string, unknown> {
    const { call, candidate, input, onText } = this.#options;
    const completionRequest: CompletionRequest = {
      headers: candidate.headers?.(call.scope.traceId) ?? {},
      streamsWhole: candidate.streamsWhole,
      onText: onText && ((text) => onText(text, this.#open.number)),
      onProgress: () => this.#watch?.progress(),
      affordableTokens: call.affordableTokens(candidate),
      now: call.services.clock.now,
      seen: this.seen,
    };
    return { ...input.options, signal: this.deadline.signal, options: { completionRequest } };
  }

  async succeed(): Promise<void> {
    const latePrice = price(this.seen, this.#options.candidate);
    this.#open.succeed();
    await this.#pass.end(this.seen);
    this.#correct(latePrice);
  }

  /** Books the failure and returns what is to be thrown. */
  async fail(thrown: unknown): Promise<unknown> {
    const { call, candidate } = this.#options;
    const { isAborted } = call;
    const error = isAborted
      ? aborted()
      : toModelError(thrown, { model: candidate.model }, call.services.clock.now());
    const latePrice = price(this.seen, candidate);
    this.#open.fail(error);
    await this.#pass.end(this.seen, error);
    this.#correct(latePrice ?? this.#reconcile());
    return isAborted ? call.signal.reason : error;
  }

  /**
   * Books the attempt as soon as nobody waits for it any more: the call's record is written at once
   * when another attempt has won, and this one belongs into it.
   */
  readonly #onAbort = (): void => {
    const { call, candidate, signal } = this.#options;
    this.#open.fail(
      call.isAborted ? aborted() : toModelError(signal.reason, { model: candidate.model }),
    );
  };

  /** An answer that had begun, and was cut off before it said what it cost, was paid all the same. */
  #reconcile(): Promise<Usage | undefined> | undefined {
    const { call, candidate } = this.#options;
    const { usage, generationId, status } = this.seen;
    const isRefused = status !== undefined && status >= 400;
    if (usage || !generationId || isRefused || candidate.via !== "openrouter") return undefined;
    return call.services.reconciler.find(generationId);
  }

  /** Books what is found out after the attempt's end; nobody waits for it. */
  #correct(late: Promise<Usage | undefined> | undefined): void {
    if (late) this.#options.call.services.reconciler.track(this.#correctBy(late));
  }

  async #correctBy(late: Promise<Usage | undefined>): Promise<void> {
    const usage = await late;
    if (!usage) return;
    await this.#pass.settle(usage);
    const { usage: recorded = noUsage, generationId } = this.seen;
    this.#options.call.log.correct(this.#open.number, recorded, usage, generationId);
  }

  #silence(what: string): ModelError {
    const { model } = this.#options.candidate;
    return new ModelError(`${model} ${what}`, { kind: "timeout_error", reason: "silent", model });
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.deadline[Symbol.dispose]();
    this.#options.signal.removeEventListener("abort", this.#onAbort);
  }
}

function aborted(): ModelError {
  return new ModelError("The caller aborted the call", { kind: "aborted" });
}
