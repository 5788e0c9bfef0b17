import type { BaseMessage } from "@langchain/core/messages";
import { ModelError, toModelError } from "../errors/index.ts";
import { Deadline, ProgressWatch } from "../resilience/index.ts";
import type { CompletionRequest } from "../transport/index.ts";
import type { OpenAttempt } from "./call-log.ts";
import type { Candidate } from "./candidate.ts";
import type { ModelCall } from "./model-call.ts";

/** What a chat model is asked in one attempt. */
export interface AttemptInput {
  readonly messages: BaseMessage[];
  readonly options: Record<string, unknown>;
}

export interface AttemptOptions {
  readonly call: ModelCall;
  readonly candidate: Candidate;
  readonly waitedMs: number;
  readonly isLive?: boolean;
  readonly isRepair?: boolean;
  readonly onText?: ((text: string) => void) | undefined;
}

/** One HTTP attempt: its time limits, its options for the chat model, its place in the call's log. */
export class Attempt implements Disposable {
  readonly open: OpenAttempt;
  readonly deadline: Deadline;
  readonly #watch: ProgressWatch | undefined;
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    const { call, candidate, waitedMs, isLive, isRepair } = options;
    const { attemptMs, firstTokenMs, stallMs } = call.timeouts;
    const { clock } = call.services;
    this.#options = options;
    this.open = call.log.begin(candidate, waitedMs, isRepair);
    this.deadline = new Deadline({
      timeoutMs: attemptMs,
      clock,
      signal: call.signal,
      onTimeout: () => this.#silence(`gave no answer within ${attemptMs / 1000} s`),
    });
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

  /** The caller's options with what belongs to this attempt alone. */
  chatOptions(options: Record<string, unknown>): Record<string, unknown> {
    const { call, candidate, onText } = this.#options;
    const completionRequest: CompletionRequest = {
      headers: candidate.headers?.(call.scope.traceId) ?? {},
      streamsWhole: candidate.streamsWhole,
      onText,
      onProgress: () => this.#watch?.progress(),
      affordableTokens: call.affordableTokens(candidate),
      seen: this.open.seen,
    };
    return { ...options, signal: this.deadline.signal, options: { completionRequest } };
  }

  /** Books the failure and returns what is to be thrown. */
  fail(error: unknown): unknown {
    const { call, candidate } = this.#options;
    if (call.isAborted) {
      this.open.fail(new ModelError("The caller aborted the call", { kind: "aborted" }));
      return call.signal.reason;
    }
    const failure = toModelError(error, { model: candidate.model }, call.services.clock.now());
    this.open.fail(failure);
    return failure;
  }

  #silence(what: string): ModelError {
    const { model } = this.#options.candidate;
    return new ModelError(`${model} ${what}`, { kind: "timeout_error", reason: "silent", model });
  }

  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.deadline[Symbol.dispose]();
  }
}
