import { ModelError, toModelError } from "../errors/index.ts";
import { Deadline, fallback, retry, type RetryPolicy } from "../resilience/index.ts";
import { adaptHistory } from "./adapt-history.ts";
import type { AttemptInput } from "./attempt.ts";
import { CallLog } from "./call-log.ts";
import { orderByWeight, type Candidate } from "./candidate.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";
import { canTakeOver } from "./take-over.ts";
import type { Timeouts } from "./timeouts.ts";

export interface ModelCallOptions {
  readonly role: string;
  readonly candidates: readonly [Candidate, ...Candidate[]];
  readonly policy: RetryPolicy;
  readonly timeouts: Timeouts;
  readonly scope: RunScope;
  readonly services: CallServices;
  /** The caller's own. */
  readonly signal: AbortSignal | undefined;
}

/** One call of a role's model: every candidate with its retries, until one succeeds. */
export class ModelCall {
  readonly log: CallLog;
  readonly scope: RunScope;
  readonly services: CallServices;
  readonly timeouts: Timeouts;
  /** Aborts when the caller does, or when the time for the whole call is up. */
  readonly signal: AbortSignal;
  readonly #deadline: Deadline;
  readonly #caller: AbortSignal | undefined;
  readonly #candidates: readonly [Candidate, ...Candidate[]];
  readonly #policy: RetryPolicy;
  readonly #affordable = new Map<Candidate, number>();

  constructor(options: ModelCallOptions) {
    const { role, candidates, policy, timeouts, scope, services, signal } = options;
    const [primary, ...fallbacks] = candidates;
    this.#candidates = [primary, ...orderByWeight(fallbacks, services.random)];
    this.log = new CallLog(role, primary.model, scope, services);
    this.#policy = policy;
    this.timeouts = timeouts;
    this.scope = scope;
    this.services = services;
    this.#caller = signal;
    this.#deadline = new Deadline({
      timeoutMs: timeouts.callMs,
      clock: services.clock,
      signal,
      onTimeout: () =>
        new ModelError(`The call was not done within ${(timeouts.callMs ?? 0) / 1000} s`, {
          kind: "timeout_error",
          reason: "call_timeout",
        }),
    });
    this.signal = this.#deadline.signal;
  }

  /** Whether the caller wants no answer any more. */
  get isAborted(): boolean {
    return this.#caller?.aborted ?? false;
  }

  /** What the caller asked, as this candidate can take it. */
  inputFor(candidate: Candidate, input: AttemptInput): AttemptInput {
    if (candidate === this.#candidates[0]) return input;
    return { ...input, messages: adaptHistory(input.messages, candidate) };
  }

  /** Most tokens that the account can pay for with this candidate, once a refusal has said so. */
  affordableTokens(candidate: Candidate): number | undefined {
    return this.#affordable.get(candidate);
  }

  /**
   * @param attempt - Makes one attempt; told how long was waited before it.
   * @throws {CallFailedError} when retries and fallbacks are used up; the signal's reason on an abort
   */
  async run<T>(attempt: (candidate: Candidate, waitedMs: number) => Promise<T>): Promise<T> {
    const { signal, log } = this;
    const [primary] = this.#candidates;
    try {
      return await fallback(this.#candidates, (candidate) => this.#retried(candidate, attempt), {
        signal,
        toModelError: this.#toError,
        canTakeOver: (error, candidate) =>
          canTakeOver(error, primary, candidate, this.services.takeOver),
        onFallback: (from, to, { kind, message }) => {
          log.emit({ type: "fallback", from: from.model, to: to.model, kind, message });
        },
      });
    } catch (error) {
      throw this.fail(error);
    }
  }

  succeed(completion: string): void {
    this.#deadline[Symbol.dispose]();
    this.log.succeed(completion);
  }

  /** @returns what the caller is to get */
  fail(error: unknown): unknown {
    this.#deadline[Symbol.dispose]();
    return this.log.fail(error, this.isAborted);
  }

  /** The reader of a stream wants no more of it. */
  leave(): void {
    this.#deadline[Symbol.dispose]();
    this.log.fail(undefined, true);
  }

  readonly #toError = (error: unknown): ModelError =>
    toModelError(error, {}, this.services.clock.now());

  #retried<T>(
    candidate: Candidate,
    attempt: (candidate: Candidate, waitedMs: number) => Promise<T>,
  ): Promise<T> {
    const { log, services, signal } = this;
    return retry((waitedMs) => attempt(candidate, waitedMs), {
      policy: this.#policy,
      clock: services.clock,
      random: services.random,
      signal,
      toModelError: this.#toError,
      judge: (error) => this.#judge(error, candidate),
      onRetry: ({ error: { kind, message }, waitMs }) => {
        const { model } = candidate;
        log.emit({ type: "retry", attempt: log.attempts, model, kind, message, waitMs });
      },
    });
  }

  #judge({ details }: ModelError, candidate: Candidate): "mended" | "hopeless" | undefined {
    const { reason, affordableTokens } = details;
    if (reason === "unaffordable_max_tokens" && !this.#affordable.has(candidate)) {
      if (affordableTokens === undefined || affordableTokens < fewestUsefulTokens) return undefined;
      this.#affordable.set(candidate, affordableTokens);
      return "mended";
    }
    const isLast = candidate === this.#candidates.at(-1);
    const isDead = reason === "silent" || reason === "circuit_open";
    return isDead && !isLast ? "hopeless" : undefined;
  }
}

/** An answer shorter than this would be cut off in its first sentence. */
const fewestUsefulTokens = 64;
