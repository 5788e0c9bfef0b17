import { z } from "zod";
import type { Clock } from "../../clock/index.ts";
import { ArgumentError } from "../../errors/argument-error.ts";
import { expected } from "../../errors/explain-issue.ts";
import { checkInput } from "../../input/check-input.ts";
import { clock } from "../../input/schemas.ts";
import type { ModelError } from "../../errors/model-error.ts";
import { isObject } from "../../input/is-object.ts";
import { LimiterState, nonNegative } from "./limiter-state.ts";
import type { RateLimits } from "./limits.ts";
import type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
} from "./rate-limiter.ts";
import { RequestQueue, type QueueLoad } from "./request-queue.ts";
import { Timer } from "./timer.ts";
import { WaitingRequest, wholeTokens } from "./waiting-request.ts";

/** The limiter's state checks the range. */
const number = z
  .custom((value) => typeof value === "number", { error: expected("a number") })
  .optional();

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** @defaultValue no limits */
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /**
   * By how much the times between grant and arrival of two requests may differ, in milliseconds. If
   * they differ more, the server may refuse a request. A larger margin lowers the throughput: a
   * request that was not answered counts for the window and the margin.
   *
   * @defaultValue a fiftieth of the window, at most 1,000: a new connection (DNS, TCP, TLS) takes
   * less than a second longer than an open one, and at least 98 % of the limit can be used
   */
  readonly safetyMarginMs?: number | undefined;
  /** When the requests of the day are used up, calls fail or wait for the next day. @defaultValue `"fail"` */
  readonly onDayExceeded?: "fail" | "delay" | undefined;
  /**
   * Maximum time for which one refusal holds back other calls, in milliseconds, except for one of the
   * day: a server may ask for years.
   *
   * @defaultValue no limit
   */
  readonly maxRefusalMs?: number | undefined;
  /**
   * While a refusal of the minute lasts longer than this from now, in milliseconds, calls fail with a
   * `rate_limit_error`, so that they can fall back.
   *
   * @defaultValue no limit: calls wait
   */
  readonly maxRefusalWaitMs?: number | undefined;
}

const optionsSchema = z.lazy(() =>
  z.strictObject({
    clock,
    limits: z
      .strictObject({
        requestsPerMinute: number,
        tokensPerMinute: number,
        requestsPerDay: number,
        maxConcurrency: number,
      } satisfies Record<keyof RateLimits, z.ZodType>)
      .optional(),
    windowMs: number,
    safetyMarginMs: number,
    onDayExceeded: z.enum(["fail", "delay"]).optional(),
    maxRefusalMs: number,
    maxRefusalWaitMs: number,
  } satisfies Record<keyof RateLimiterOptions, z.ZodType>),
);

/**
 * A rate limiter for one account in one process.
 *
 * A grant takes constant time, however many calls wait (see {@link RequestQueue} and, if tokens are
 * limited, {@link GrantLog}). One timer runs while calls wait for time to pass, and none otherwise:
 * the limiter alone does not keep a process alive.
 *
 * @throws {ArgumentError} for options of the wrong kind
 * @throws {RangeError} if an option is out of range
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  checkInput(optionsSchema, options, "createRateLimiter()");
  return new MemoryRateLimiter(options);
}

function requireObject(value: unknown, what: string): void {
  if (!isObject(value)) throw ArgumentError.of(what, value, "an object");
}

/** The same, for options that are known to be of the right kind. */
export class MemoryRateLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #onDayExceeded: "fail" | "delay";
  readonly #state: LimiterState;
  readonly #waiting = new RequestQueue<WaitingRequest>();
  readonly #timer: Timer;

  constructor(options: RateLimiterOptions) {
    this.#clock = options.clock;
    this.#onDayExceeded = options.onDayExceeded ?? "fail";
    this.#state = new LimiterState(options);
    this.#timer = new Timer(options.clock, () => this.#grantAll());
  }

  async acquire(options: AcquireOptions = {}): Promise<Slot> {
    requireObject(options, "acquire(): options");
    options.signal?.throwIfAborted();
    const now = this.#clock.now();
    const call = new WaitingRequest(options, this.#waiting, now);
    const error = this.#state.tokensError(call.tokens);
    if (error) throw error;
    // Most calls find no queue, and need no place in it.
    if (this.#waiting.size === 0 && !this.#blockedError(now) && this.#grantAt(call, now) <= now) {
      return this.#slotFor(call, now);
    }
    const before = this.#waiting.load(call.priority);
    this.#waiting.add(call);
    if (this.#waiting.first === call) this.#grantAll();
    if (this.#waiting.has(call)) {
      call.failOnAbort(() => this.#grantAll());
      this.#notifyWait(call, before);
    }
    return call.slot;
  }

  async backOff(refusal: Refusal): Promise<void> {
    requireObject(refusal, "backOff(): refusal");
    if (Number.isNaN(refusal.until))
      throw new RangeError("until is NaN: expected milliseconds since the epoch");
    const now = this.#clock.now();
    if (refusal.until <= now) return;
    this.#state.refuse(refusal, now);
    this.#grantAll();
    this.#notifyAllWaits();
  }

  async setLimits(changes: RateLimits): Promise<void> {
    requireObject(changes, "setLimits(): limits");
    const { tokensPerMinute } = this.#state.limits;
    this.#state.setLimits(changes);
    if (this.#state.limits.tokensPerMinute < tokensPerMinute) {
      for (const call of this.#waiting.toArray()) {
        const error = this.#state.tokensError(call.tokens);
        if (error) call.fail(error);
      }
    }
    this.#grantAll();
    this.#notifyAllWaits();
  }

  async countDay(used: number): Promise<void> {
    if (typeof used !== "number") throw ArgumentError.of("countDay(): used", used, "a number");
    this.#state.countDay(nonNegative("used", used), this.#clock.now());
    this.#grantAll();
  }

  async state(): Promise<RateLimiterState> {
    return this.#state.describe(this.#waiting.load(), this.#clock.now());
  }

  /** Grants all slots that can be granted now, and sets the timer for the next one. */
  #grantAll(): void {
    for (;;) {
      const call = this.#waiting.first;
      if (!call) return this.#timer.set(Infinity);
      if (call.signal?.aborted) {
        // The signal is calling its listeners now: an earlier one has removed the call before this.
        call.fail(call.signal.reason);
        continue;
      }
      const now = this.#clock.now();
      if (this.#blockedError(now)) {
        this.#failAll(now);
        continue;
      }
      const at = this.#grantAt(call, now);
      if (at > now) return this.#timer.set(at);
      call.grant(this.#slotFor(call, now));
    }
  }

  /** When the first call of the queue can have its slot. */
  #grantAt({ tokens }: WaitingRequest, now: number): number {
    return Math.max(this.#state.fitsAt({ calls: 1, tokens }, now), this.#state.hasRoomAt(1, now));
  }

  #slotFor(call: WaitingRequest, now: number): Slot {
    const grant = this.#state.take(call.tokens, now);
    let isSettled = false;
    const settle: Slot["settle"] = async ({ tokens: taken, isAnswered = false, isUnused } = {}) => {
      if (isSettled) return;
      const tokens = taken === undefined ? grant.tokens : wholeTokens(taken);
      isSettled = true;
      const endedAt = this.#clock.now();
      this.#state.settle(grant, { tokens, isAnswered }, endedAt);
      if (isUnused) this.#state.giveBack({ takenAt: now, until: grant.grantedAt, tokens }, endedAt);
      this.#grantAll();
    };
    return {
      grantedAt: now,
      waitedMs: now - call.askedAt,
      settle,
      [Symbol.asyncDispose]: () => settle(),
    };
  }

  #failAll(now: number): void {
    // A separate error for each call, with its own stack.
    for (const call of this.#waiting.toArray()) call.fail(this.#blockedError(now));
  }

  /** The error of every call that would wait for longer than calls may. */
  #blockedError(now: number): ModelError | undefined {
    const refusal = this.#state.refusalError(now);
    return refusal ?? (this.#onDayExceeded === "fail" ? this.#state.dayError(now) : undefined);
  }

  #notifyWait(call: WaitingRequest, before: QueueLoad): void {
    if (!call.hasWaitListener) return;
    const now = this.#clock.now();
    const load = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
    if (!call.notifyWait(this.#state.fitsAt(load, now) - now)) this.#grantAll();
  }

  #notifyAllWaits(): void {
    let before: QueueLoad = { calls: 0, tokens: 0 };
    for (const call of this.#waiting.toArray()) {
      // The listener of an earlier call may have ended this wait, by an abort for example.
      if (!this.#waiting.has(call)) continue;
      this.#notifyWait(call, before);
      before = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
    }
  }
}
