import { toModelError, type ModelError } from "../errors/index.ts";
import { fallback, retry, type RetryPolicy } from "../resilience/index.ts";
import { CallLog } from "./call-log.ts";
import { orderByWeight, type Candidate } from "./candidate.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";

export interface ModelCallOptions {
  readonly role: string;
  readonly candidates: readonly [Candidate, ...Candidate[]];
  readonly policy: RetryPolicy;
  readonly scope: RunScope;
  readonly services: CallServices;
  readonly signal: AbortSignal | undefined;
}

/** One call of a role's model: every candidate with its retries, until one succeeds. */
export class ModelCall {
  readonly log: CallLog;
  readonly scope: RunScope;
  readonly services: CallServices;
  readonly signal: AbortSignal | undefined;
  readonly #candidates: readonly [Candidate, ...Candidate[]];
  readonly #policy: RetryPolicy;

  constructor({ role, candidates, policy, scope, services, signal }: ModelCallOptions) {
    const [primary, ...fallbacks] = candidates;
    this.#candidates = [primary, ...orderByWeight(fallbacks, services.random)];
    this.log = new CallLog(role, primary.model, scope, services);
    this.#policy = policy;
    this.scope = scope;
    this.services = services;
    this.signal = signal;
  }

  /**
   * @param attempt - Makes one attempt; told how long was waited before it.
   * @throws {CallFailedError} when retries and fallbacks are used up; the signal's reason on an abort
   */
  async run<T>(attempt: (candidate: Candidate, waitedMs: number) => Promise<T>): Promise<T> {
    const { signal, log, services } = this;
    const toError = (error: unknown): ModelError => toModelError(error, {}, services.clock.now());
    const withRetries = (candidate: Candidate) =>
      retry((waitedMs) => attempt(candidate, waitedMs), {
        policy: this.#policy,
        clock: services.clock,
        random: services.random,
        signal,
        toModelError: toError,
        onRetry: ({ error: { kind, message }, waitMs }) => {
          log.emit({
            type: "retry",
            attempt: log.attempts,
            model: candidate.model,
            kind,
            message,
            waitMs,
          });
        },
      });
    try {
      return await fallback(this.#candidates, withRetries, {
        signal,
        toModelError: toError,
        onFallback: (from, to, { kind, message }) => {
          log.emit({ type: "fallback", from: from.model, to: to.model, kind, message });
        },
      });
    } catch (error) {
      throw log.fail(error, signal?.aborted ?? false);
    }
  }
}
