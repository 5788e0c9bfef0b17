import type { Clock } from "../../clock/index.ts";
import { Alarm } from "./alarm.ts";
import { LimiterState, nonNegative } from "./limiter-state.ts";
import type { RateLimits } from "./limits.ts";
import type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
} from "./rate-limiter.ts";
import { WaitingCall, wholeTokens } from "./waiting-call.ts";
import { WaitingLine, type Crowd } from "./waiting-line.ts";

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** @defaultValue no limits */
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /**
   * How much the time from the grant of a request to its arrival may differ from one request to
   * another, in milliseconds. Longer, and a request may be refused; each window begins so much later,
   * but for what was answered sooner.
   *
   * @defaultValue a fiftieth of the window, at most 1,000: a cold connection (DNS, TCP, TLS) takes
   * less than a second longer than a warm one, and pacing keeps at least 98 % of what the account allows
   */
  readonly safetyMarginMs?: number | undefined;
  /** What calls do when the day is used up: fail, or wait for the next one. @defaultValue `"fail"` */
  readonly onDayExceeded?: "fail" | "delay" | undefined;
}

/**
 * A rate limiter for one account in one process.
 *
 * Grants and their bookkeeping take constant time, however many calls wait (see {@link WaitingLine}
 * and, where tokens are limited, {@link GrantLog}). One timer runs while calls wait for time to pass,
 * none otherwise, so that the limiter by itself never keeps a process alive.
 *
 * @throws {RangeError} where an option is out of its range
 */
export function createRateLimiter(options: RateLimiterOptions): RateLimiter {
  return new MemoryRateLimiter(options);
}

/** The state and the line of those who wait for it, in one place. */
class MemoryRateLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #onDayExceeded: "fail" | "delay";
  readonly #state: LimiterState;
  readonly #line = new WaitingLine<WaitingCall>();
  readonly #alarm: Alarm;

  constructor(options: RateLimiterOptions) {
    this.#clock = options.clock;
    this.#onDayExceeded = options.onDayExceeded ?? "fail";
    this.#state = new LimiterState(options);
    this.#alarm = new Alarm(options.clock, () => this.#grantAll());
  }

  async acquire(options: AcquireOptions = {}): Promise<Slot> {
    options.signal?.throwIfAborted();
    const call = new WaitingCall(options, this.#line, this.#clock.now());
    const error = this.#state.tokensError(call.tokens);
    if (error) throw error;
    const before = this.#line.from(call.rank);
    this.#line.join(call);
    if (this.#line.first === call) this.#grantAll();
    if (this.#line.has(call)) {
      call.failOnAbort(() => this.#grantAll());
      this.#tell(call, before);
    }
    return call.slot;
  }

  async backOff(refusal: Refusal): Promise<void> {
    if (Number.isNaN(refusal.until)) throw new RangeError("until is NaN; expected an instant");
    const now = this.#clock.now();
    if (refusal.until <= now) return;
    this.#state.refuse(refusal, now);
    this.#grantAll();
    this.#tellAll();
  }

  async setLimits(changes: RateLimits): Promise<void> {
    const { tokensPerMinute } = this.#state.limits;
    this.#state.setLimits(changes);
    if (this.#state.limits.tokensPerMinute < tokensPerMinute) {
      for (const call of this.#line.everyone()) {
        const error = this.#state.tokensError(call.tokens);
        if (error) call.fail(error);
      }
    }
    this.#grantAll();
    this.#tellAll();
  }

  async countDay(used: number): Promise<void> {
    this.#state.countDay(nonNegative("used", used), this.#clock.now());
    this.#grantAll();
  }

  async state(): Promise<RateLimiterState> {
    return this.#state.describe(this.#line.from(-Infinity), this.#clock.now());
  }

  /** Grants whatever can be granted now, and sets the alarm for the next. */
  #grantAll(): void {
    for (;;) {
      const call = this.#line.first;
      if (!call) return this.#alarm.set(Infinity);
      if (call.signal?.aborted) {
        // The signal is telling its listeners; one told before made this call the first.
        call.fail(call.signal.reason);
        continue;
      }
      const now = this.#clock.now();
      if (this.#onDayExceeded === "fail" && this.#state.dayError(now)) {
        this.#failAll(now);
        continue;
      }
      const at = Math.max(
        this.#state.fitsAt({ calls: 1, tokens: call.tokens }, now),
        this.#state.hasRoomAt(1, now),
      );
      if (at > now) return this.#alarm.set(at);
      call.grant(this.#slotFor(call, now));
    }
  }

  #slotFor(call: WaitingCall, now: number): Slot {
    const grant = this.#state.take(call.tokens, now);
    let isSettled = false;
    const settle: Slot["settle"] = async ({ tokens: taken, isAnswered = false } = {}) => {
      if (isSettled) return;
      const tokens = taken === undefined ? grant.tokens : wholeTokens(taken);
      isSettled = true;
      this.#state.settle(grant, { tokens, isAnswered }, this.#clock.now());
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
    // Each gets an error of its own, for its own stack and causes.
    for (const call of this.#line.everyone()) call.fail(this.#state.dayError(now));
  }

  #tell(call: WaitingCall, before: Crowd): void {
    if (!call.listens) return;
    const now = this.#clock.now();
    const crowd = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
    if (!call.tell(this.#state.fitsAt(crowd, now) - now)) this.#grantAll();
  }

  #tellAll(): void {
    let before: Crowd = { calls: 0, tokens: 0 };
    for (const call of this.#line.everyone()) {
      // What an earlier one did when it was told may have ended this one's wait.
      if (!this.#line.has(call)) continue;
      this.#tell(call, before);
      before = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
    }
  }
}
