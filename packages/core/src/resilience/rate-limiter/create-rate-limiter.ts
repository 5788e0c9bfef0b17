import type { Clock } from "../../clock/index.ts";
import { Alarm } from "./alarm.ts";
import { DayQuota } from "./day-quota.ts";
import { GrantLog } from "./grant-log.ts";
import { InFlight } from "./in-flight.ts";
import { resolveLimits, type RateLimits, type ResolvedRateLimits } from "./limits.ts";
import { onAbort } from "./on-abort.ts";
import { rankOf } from "./priority.ts";
import type {
  AcquireOptions,
  RateLimiter,
  RateLimiterState,
  Refusal,
  Slot,
} from "./rate-limiter.ts";
import { dayUsedUp, tooManyTokens } from "./refusals.ts";
import { WaitingLine, type Crowd, type Waiter } from "./waiting-line.ts";

export interface RateLimiterOptions {
  readonly clock: Clock;
  /** @defaultValue no limits */
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /**
   * How much the time from the grant of a request to its arrival may differ from one request to
   * another, in milliseconds. Longer, and a request may be refused; each window begins so much later.
   *
   * @defaultValue a fiftieth of the window, at most 1,000: a cold connection (DNS, TCP, TLS) takes
   * less than a second longer than a warm one, and pacing keeps 98 % of what the account allows
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

/** The last instant that a `Date` can hold. */
const latestAt = 8.64e15;

interface WaitingCall extends Waiter {
  readonly askedAt: number;
  readonly signal: AbortSignal | undefined;
  readonly onWait: AcquireOptions["onWait"];
  readonly grant: (slot: Slot) => void;
  readonly fail: (reason: unknown) => void;
}

class MemoryRateLimiter implements RateLimiter {
  readonly #clock: Clock;
  readonly #onDayExceeded: "fail" | "delay";
  readonly #log: GrantLog;
  readonly #day: DayQuota;
  readonly #inFlight: InFlight;
  readonly #line = new WaitingLine<WaitingCall>();
  readonly #alarm: Alarm;
  #limits: ResolvedRateLimits;
  /** A refusal's word for the minute. */
  #refusedUntil = -Infinity;

  constructor(options: RateLimiterOptions) {
    const windowMs = positive("windowMs", options.windowMs ?? 60_000);
    const defaultMarginMs = Math.min(1000, windowMs / 50);
    const marginMs = nonNegative("safetyMarginMs", options.safetyMarginMs ?? defaultMarginMs);
    this.#clock = options.clock;
    this.#onDayExceeded = options.onDayExceeded ?? "fail";
    this.#limits = resolveLimits(options.limits ?? {});
    this.#log = new GrantLog(windowMs + marginMs);
    this.#day = new DayQuota(marginMs);
    this.#inFlight = new InFlight(windowMs / 10);
    this.#alarm = new Alarm(options.clock, () => this.#grantAll());
  }

  async acquire(options: AcquireOptions = {}): Promise<Slot> {
    const { signal, onWait } = options;
    signal?.throwIfAborted();
    const rank = rankOf(options.priority ?? 0);
    const tokens = wholeTokens(options.tokens ?? 0);
    if (tokens > this.#limits.tokensPerMinute) {
      throw tooManyTokens(tokens, this.#limits.tokensPerMinute);
    }
    return new Promise<Slot>((resolve, reject) => {
      let stopListening: (() => void) | undefined;
      const leave = () => {
        this.#line.leave(call);
        stopListening?.();
      };
      const call: WaitingCall = {
        rank,
        tokens,
        askedAt: this.#clock.now(),
        signal,
        onWait,
        grant: (slot) => (leave(), resolve(slot)),
        fail: (reason) => (leave(), reject(reason)),
      };
      const before = this.#line.from(rank);
      this.#line.join(call);
      if (this.#line.first === call) this.#grantAll();
      // Most calls are granted at once, and need no ear for an abort.
      if (!this.#line.has(call)) return;
      stopListening = onAbort(signal, () => {
        call.fail(signal?.reason);
        this.#grantAll();
      });
      this.#tell(call, before);
    });
  }

  async backOff({ scope, grantedAt, ...refusal }: Refusal): Promise<void> {
    const now = this.#clock.now();
    if (Number.isNaN(refusal.until)) throw new RangeError("until is NaN; expected an instant");
    const until = Math.min(refusal.until, latestAt);
    if (until <= now) return;
    if (scope === "minute") this.#refusedUntil = Math.max(this.#refusedUntil, until);
    if (scope === "day") this.#day.refuse(until);
    if (scope === "concurrency") this.#inFlight.shrink(until, grantedAt ?? now, now);
    this.#grantAll();
    this.#tellAll();
  }

  async setLimits(changes: RateLimits): Promise<void> {
    const old = this.#limits;
    this.#limits = resolveLimits(changes, old);
    const { tokensPerMinute, requestsPerDay } = this.#limits;
    if (requestsPerDay > old.requestsPerDay) this.#day.forgetRefusal();
    if (tokensPerMinute < old.tokensPerMinute) {
      const tooLarge = this.#line.everyone().filter(({ tokens }) => tokens > tokensPerMinute);
      for (const call of tooLarge) call.fail(tooManyTokens(call.tokens, tokensPerMinute));
    }
    this.#grantAll();
    this.#tellAll();
  }

  async countDay(used: number): Promise<void> {
    this.#day.takeOver(nonNegative("used", used), this.#clock.now());
    this.#grantAll();
  }

  async state(): Promise<RateLimiterState> {
    const now = this.#clock.now();
    const { requestsPerMinute, tokensPerMinute, requestsPerDay, maxConcurrency } = this.#limits;
    const isRefused = now < this.#refusedUntil;
    const everybody = this.#line.from(-Infinity);
    const left = isRefused ? 0 : requestsPerMinute - this.#log.count(now);
    return {
      limit: requestsPerMinute,
      remaining: Math.max(0, left),
      delayMs: this.#delayMs({ ...everybody, calls: everybody.calls + 1 }, now),
      resetAfterMs: Math.max(this.#log.emptyAt(), this.#refusedUntil, now) - now,
      tokens: {
        limit: tokensPerMinute,
        remaining: Math.max(0, tokensPerMinute - this.#log.tokens(now)),
      },
      inFlight: this.#inFlight.count,
      maxInFlight: this.#inFlight.max(maxConcurrency, now),
      waiting: this.#line.size,
      day: {
        limit: requestsPerDay,
        used: this.#day.used(requestsPerDay, now),
        resetsAt: this.#day.resetsAt(requestsPerDay, now),
      },
    };
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
      if (this.#onDayExceeded === "fail" && this.#isDayUsedUp(now)) {
        this.#failAll(now);
        continue;
      }
      const at = Math.max(
        this.#fitsAt({ calls: 1, tokens: call.tokens }, now),
        this.#inFlight.fitsAt(this.#limits.maxConcurrency, now),
      );
      if (at > now) return this.#alarm.set(at);
      call.grant(this.#slotFor(call, now));
    }
  }

  /** When the last of a crowd can be granted that goes next, as far as time and not other calls decide. */
  #fitsAt({ calls, tokens }: Crowd, now: number): number {
    const { requestsPerMinute, tokensPerMinute, requestsPerDay } = this.#limits;
    const notBefore = Math.max(this.#refusedUntil, this.#day.fitsAt(1, requestsPerDay, now));
    return Math.max(
      this.#log.requestFitsAt(calls, requestsPerMinute, notBefore, now),
      this.#log.tokensFitAt(tokens, tokensPerMinute, notBefore, now),
      this.#day.fitsAt(calls, requestsPerDay, now),
    );
  }

  #delayMs(crowd: Crowd, now: number): number {
    return this.#fitsAt(crowd, now) - now;
  }

  #slotFor(call: WaitingCall, now: number): Slot {
    const grant = this.#log.add(now, call.tokens);
    this.#day.count(now);
    this.#inFlight.add();
    let isSettled = false;
    const settle: Slot["settle"] = async (usage) => {
      if (isSettled) return;
      const tokens = usage?.tokens === undefined ? grant.tokens : wholeTokens(usage.tokens);
      isSettled = true;
      this.#log.correct(grant, tokens, this.#clock.now());
      this.#inFlight.remove();
      this.#grantAll();
    };
    return {
      grantedAt: now,
      waitedMs: now - call.askedAt,
      settle,
      [Symbol.asyncDispose]: () => settle(),
    };
  }

  #isDayUsedUp(now: number): boolean {
    return this.#day.isUsedUp(this.#limits.requestsPerDay, now);
  }

  #failAll(now: number): void {
    const limit = this.#limits.requestsPerDay;
    const resetsAt = this.#day.resetsAt(limit, now);
    const isRefused = this.#day.isRefused(now);
    for (const call of this.#line.everyone())
      call.fail(dayUsedUp({ limit, resetsAt, now, isRefused }));
  }

  #tell(call: WaitingCall, before: Crowd): void {
    if (!call.onWait) return;
    const crowd = { calls: before.calls + 1, tokens: before.tokens + call.tokens };
    try {
      call.onWait(this.#delayMs(crowd, this.#clock.now()));
    } catch (error) {
      call.fail(error);
      this.#grantAll();
    }
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

/** Sums of whole numbers are exact. */
function wholeTokens(tokens: number): number {
  return Math.ceil(nonNegative("tokens", tokens));
}

function positive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} is ${value}; expected a number greater than 0`);
}

function nonNegative(name: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} is ${value}; expected a number, 0 or more`);
}
