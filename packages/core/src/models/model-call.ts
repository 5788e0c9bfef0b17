import type { FallbackState } from "../errors/advice.ts";
import { ModelError, toModelError } from "../errors/index.ts";
import { isCircuitOpen } from "../resilience/circuit-breaker/index.ts";
import { hedge } from "../resilience/hedge/index.ts";
import { Deadline, fallback, retry, type RetryPolicy } from "../resilience/index.ts";
import { adaptHistory } from "./adapt-history.ts";
import type { AttemptInput } from "./attempt.ts";
import type { Pass } from "./admission.ts";
import { CallLog } from "./call-log.ts";
import { orderByWeight, type Candidate } from "./candidate.ts";
import type { RunScope } from "./run-scope.ts";
import type { CallServices } from "./services.ts";
import { canTakeOver } from "./take-over.ts";
import type { Timeouts } from "./timeouts.ts";
import type { CallRecord } from "../usage/call-record.ts";

/** One turn of a candidate: the attempt that is to be made now. */
export interface Turn {
  readonly candidate: Candidate;
  /** How long the call waited before it, in milliseconds. */
  readonly waitedMs: number;
  readonly signal: AbortSignal;
}

export interface ModelCallOptions {
  readonly role: string;
  readonly candidates: readonly [Candidate, ...Candidate[]];
  readonly policy: RetryPolicy;
  readonly timeouts: Timeouts;
  /** Place in the account's line; higher goes first. */
  readonly priority: number;
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
  readonly #deadline: Deadline | undefined;
  readonly #caller: AbortSignal | undefined;
  readonly #candidates: readonly [Candidate, ...Candidate[]];
  readonly #options: ModelCallOptions;
  #fallbacks: FallbackState = "none";
  readonly #affordable = new Map<Candidate, number>();

  constructor(options: ModelCallOptions) {
    const { role, candidates, timeouts, scope, services, signal } = options;
    this.#options = options;
    const [primary, ...fallbacks] = candidates;
    this.#candidates = [primary, ...orderByWeight(fallbacks, services.random)];
    this.log = new CallLog(role, primary.model, scope, services);
    this.timeouts = timeouts;
    this.scope = scope;
    this.services = services;
    this.#caller = signal;
    this.#deadline = timeouts.callMs === undefined ? undefined : this.#limit(timeouts.callMs);
    this.signal = this.#deadline?.signal ?? signal ?? never;
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

  /** Waits for leave to send a request. */
  async admit(
    candidate: Candidate,
    { messages, options }: AttemptInput,
    signal: AbortSignal,
  ): Promise<Pass> {
    const { log, scope } = this;
    const { model } = candidate;
    try {
      return await this.services.admission.admit({
        candidate,
        messages,
        extras: [options["tools"], options["response_format"]],
        signal,
        callId: log.id,
        runId: scope.runId,
        priority: this.#options.priority,
        onWait: (waitMs) => log.emit({ type: "rate-limit-wait", model, waitMs }),
      });
    } catch (error) {
      if (ModelError.isInstance(error) && error.kind === "budget_error") {
        log.emit({ type: "budget", model, message: error.message });
      }
      throw error;
    }
  }

  /**
   * @param attempt - Makes one attempt.
   * @throws {CallFailedError} when retries and fallbacks are used up; the signal's reason on an abort
   */
  async run<T>(attempt: (turn: Turn) => Promise<T>): Promise<T> {
    const { signal, log } = this;
    const [primary] = this.#candidates;
    try {
      return await fallback(this.#candidates, (candidate) => this.#retried(candidate, attempt), {
        signal,
        toModelError: this.#toError,
        canTakeOver: (error, candidate) => {
          const { takeOver } = this.services;
          const verdict = canTakeOver(error, primary, candidate, takeOver);
          if (verdict === "withheld") this.#fallbacks = "withheld";
          return verdict === "yes" && this.#hasAttemptsLeft;
        },
        onFallback: (from, to, error) => {
          this.#fallbacks = "used";
          if (isCircuitOpen(error)) log.skip(from);
          const { kind, message } = error;
          log.emit({ type: "fallback", from: from.model, to: to.model, kind, message });
        },
      });
    } catch (error) {
      throw this.fail(error);
    }
  }

  /** @returns the call's record */
  succeed(completion: string): CallRecord {
    this.#close();
    return this.log.succeed(completion);
  }

  /** @returns what the caller is to get */
  fail(error: unknown): unknown {
    this.#close();
    return this.log.fail(error, this.isAborted, this.#fallbacks);
  }

  /** The reader of a stream wants no more of it. */
  leave(): void {
    this.#close();
    this.log.fail(undefined, true, this.#fallbacks);
  }

  #close(): void {
    this.#deadline?.[Symbol.dispose]();
    void this.services.admission.close(this.log.id);
  }

  #limit(callMs: number): Deadline {
    return new Deadline({
      timeoutMs: callMs,
      clock: this.services.clock,
      signal: this.#caller,
      onTimeout: () =>
        new ModelError(`The call was not done within ${callMs / 1000} s`, {
          kind: "timeout_error",
          reason: "call_timeout",
        }),
    });
  }

  readonly #toError = (error: unknown): ModelError =>
    toModelError(error, {}, this.services.clock.now());

  async #retried<T>(candidate: Candidate, attempt: (turn: Turn) => Promise<T>): Promise<T> {
    const { log, services, signal } = this;
    // The last candidate has no breaker: refusing it would leave nothing to try.
    const leave = this.#isLast(candidate) ? undefined : services.breakers.for(candidate).admit();
    const watched = async (waitedMs: number) => {
      try {
        const result = await this.#raced({ candidate, waitedMs, signal }, attempt);
        leave?.succeed();
        return result;
      } catch (error) {
        leave?.fail(error, this.isAborted);
        throw error;
      }
    };
    return retry(watched, {
      policy: this.#options.policy,
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

  /** Lets a second request race a slow first one, where that is asked for. */
  #raced<T>(turn: Turn, attempt: (turn: Turn) => Promise<T>): Promise<T> {
    const { hedgeAfterMs, latencies, clock } = this.services;
    if (hedgeAfterMs === undefined) return attempt(turn);
    const { role } = this.#options;
    const afterMs = hedgeAfterMs === "p95" ? latencies.p95(role) : hedgeAfterMs;
    return hedge(
      (index, signal) => attempt({ ...turn, signal, waitedMs: index === 0 ? turn.waitedMs : 0 }),
      {
        afterMs,
        clock,
        signal: turn.signal,
        canHedge: () => this.#hasAttemptsLeft,
        onHedge: () => {
          const { model } = turn.candidate;
          this.log.emit({ type: "hedge", model, afterMs: afterMs ?? 0 });
        },
      },
    );
  }

  #judge(error: ModelError, candidate: Candidate): "mended" | "hopeless" | undefined {
    const { reason, affordableTokens = 0 } = error.details;
    if (!this.#hasAttemptsLeft) return "hopeless";
    if (reason === "unaffordable_max_tokens" && !this.#affordable.has(candidate)) {
      if (affordableTokens < fewestUsefulTokens) return undefined;
      this.#affordable.set(candidate, affordableTokens);
      return "mended";
    }
    const isDead = reason === "silent" || isCircuitOpen(error);
    return isDead && !this.#isLast(candidate) ? "hopeless" : undefined;
  }

  #isLast(candidate: Candidate): boolean {
    return candidate === this.#candidates.at(-1);
  }

  get #hasAttemptsLeft(): boolean {
    return this.log.attempts < (this.services.maxAttempts ?? Infinity);
  }
}

/** The signal of a call that neither its caller nor a limit can end. */
const never = new AbortController().signal;

/** An answer shorter than this would be cut off in its first sentence. */
const fewestUsefulTokens = 64;
