import type { BaseMessage } from "@langchain/core/messages";
import { ModelError, toModelError } from "../errors/index.ts";
import { Deadline } from "../resilience/index.ts";
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
  /** Longest time for the attempt, in milliseconds. */
  readonly timeoutMs: number;
  readonly waitedMs: number;
  readonly isRepair?: boolean;
  readonly onText?: ((text: string) => void) | undefined;
}

/** One HTTP attempt: its deadline, its options for the chat model, its place in the call's log. */
export class Attempt implements Disposable {
  readonly open: OpenAttempt;
  readonly deadline: Deadline;
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    const { call, candidate, timeoutMs, waitedMs, isRepair } = options;
    this.#options = options;
    this.open = call.log.begin(candidate, waitedMs, isRepair);
    this.deadline = new Deadline({
      timeoutMs,
      clock: call.services.clock,
      signal: call.signal,
      onTimeout: () =>
        new ModelError(`${candidate.model} gave no answer within ${timeoutMs / 1000} s`, {
          kind: "timeout_error",
          model: candidate.model,
        }),
    });
  }

  /** The caller's options with what belongs to this attempt alone. */
  chatOptions(options: Record<string, unknown>): Record<string, unknown> {
    const { call, candidate, onText } = this.#options;
    const completionRequest: CompletionRequest = {
      headers: candidate.headers?.(call.scope.traceId) ?? {},
      streamsWhole: candidate.streamsWhole,
      onText,
      seen: this.open.seen,
    };
    return { ...options, signal: this.deadline.signal, options: { completionRequest } };
  }

  /** Books the failure and returns what is to be thrown. */
  fail(error: unknown): unknown {
    const { call, candidate } = this.#options;
    const failure = toModelError(error, { model: candidate.model }, call.services.clock.now());
    const isAborted = call.signal?.aborted ?? false;
    this.open.fail(
      isAborted ? new ModelError("The caller aborted the call", { kind: "aborted" }) : failure,
    );
    return isAborted ? call.signal?.reason : failure;
  }

  [Symbol.dispose](): void {
    this.deadline[Symbol.dispose]();
  }
}
