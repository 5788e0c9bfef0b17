import type { ModelError } from "../../errors/model-error.ts";
import { DayQuota, type DayQuotaJson } from "./day-quota.ts";
import { GrantLog, type Grant, type GrantEntry } from "./grant-log.ts";
import { InFlight, type InFlightJson } from "./in-flight.ts";
import { resolveLimits, type RateLimits, type ResolvedRateLimits } from "./limits.ts";
import type { RateLimiterState, Refusal } from "./rate-limiter.ts";
import { dayUsedUp, tooManyTokens } from "./refusals.ts";
import { finite } from "./finite.ts";
import type { Crowd } from "./waiting-line.ts";

export interface LimiterStateOptions {
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /** See `RateLimiterOptions`. @defaultValue a fiftieth of the window, at most 1,000 */
  readonly safetyMarginMs?: number | undefined;
}

/** A {@link LimiterState} as plain JSON. Limits that are none are absent, as are refusals that never were. */
export interface LimiterStateJson {
  readonly limits?: RateLimits;
  readonly grants?: readonly GrantEntry[];
  readonly day?: DayQuotaJson;
  readonly inFlight?: InFlightJson;
  readonly refusedUntil?: number;
}

/** How a request ended. */
export interface Ended {
  /** What it took. */
  readonly tokens: number;
  /** Whether the server has answered it. */
  readonly isAnswered: boolean;
}

/** The last instant that a `Date` can hold. */
const latestAt = 8.64e15;

/**
 * What an account may do, and what it has done: the rules of a rate limiter, without anybody who
 * waits, without time and timers. Whoever keeps it says what time it is, and that time may be
 * another's: nothing here reads a clock.
 *
 * It can be written as JSON and read again, so that processes can share one in a database.
 */
export class LimiterState {
  readonly #log: GrantLog;
  readonly #day: DayQuota;
  readonly #inFlight: InFlight;
  /** What of the margin a request that was answered does not need. */
  readonly #sparedMs: number;
  #limits: ResolvedRateLimits;
  /** A refusal's word for the minute. */
  #refusedUntil: number;

  /**
   * @param json - What another one was. {@link LimiterState.fromJSON} says more.
   * @throws {RangeError} where an option is out of its range
   */
  constructor(options: LimiterStateOptions = {}, json: LimiterStateJson = {}, now: number = 0) {
    const windowMs = positive("windowMs", options.windowMs ?? 60_000);
    const defaultMarginMs = Math.min(1000, windowMs / 50);
    const marginMs = nonNegative("safetyMarginMs", options.safetyMarginMs ?? defaultMarginMs);
    this.#limits = resolveLimits(options.limits ?? {}, resolveLimits(json.limits ?? {}));
    // The rest is for clocks that do not run alike.
    this.#sparedMs = Math.max(0, marginMs - windowMs / 1000);
    this.#log = new GrantLog(windowMs + marginMs);
    this.#log.restore(json.grants ?? [], now);
    this.#day = new DayQuota(marginMs, json.day);
    this.#inFlight = new InFlight(windowMs / 10, json.inFlight);
    this.#refusedUntil = json.refusedUntil ?? -Infinity;
  }

  /**
   * Reads what {@link LimiterState.toJSON} wrote.
   *
   * @param now - Grants that no longer count are left out. Those that lie in a far future, since a
   * clock was set back, count from a window after now at the latest.
   */
  static fromJSON(json: LimiterStateJson, options: LimiterStateOptions, now: number): LimiterState {
    return new LimiterState(options, json, now);
  }

  get limits(): ResolvedRateLimits {
    return this.#limits;
  }

  /** Requests under way. Whoever knows better, as from a list of who sends them, may say so. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  set inFlight(count: number) {
    this.#inFlight.count = count;
  }

  /**
   * Changes the limits that are named. A larger day ends what a refusal said of the smaller one.
   *
   * @throws {RangeError} where one is no limit; nothing changes then
   */
  setLimits(changes: RateLimits): void {
    const old = this.#limits;
    this.#limits = resolveLimits(changes, old);
    if (this.#limits.requestsPerDay > old.requestsPerDay) this.#day.forgetRefusal();
  }

  /**
   * Takes in what the server said when it refused a call in spite of the pacing. A refusal whose time
   * has passed changes nothing.
   */
  refuse({ scope, grantedAt, until: said }: Refusal, now: number): void {
    const until = Math.min(said, latestAt);
    if (until <= now) return;
    if (scope === "minute") this.#refusedUntil = Math.max(this.#refusedUntil, until);
    if (scope === "day") this.#day.refuse(until);
    if (scope === "concurrency") this.#inFlight.shrink(until, grantedAt ?? now, now);
  }

  /** Takes over a count of the present UTC day; never lowers it. */
  countDay(used: number, now: number): void {
    this.#day.takeOver(used, now);
  }

  /** When the last of a crowd can be granted that goes next, as far as time and not other calls decide. */
  fitsAt({ calls, tokens }: Crowd, now: number): number {
    const { requestsPerMinute, tokensPerMinute, requestsPerDay } = this.#limits;
    const notBefore = Math.max(this.#refusedUntil, this.#day.fitsAt(1, requestsPerDay, now));
    return Math.max(
      this.#log.requestFitsAt(calls, requestsPerMinute, notBefore, now),
      this.#log.tokensFitAt(tokens, tokensPerMinute, notBefore, now),
      this.#day.fitsAt(calls, requestsPerDay, now),
    );
  }

  /** When so many more may be under way if none ends before; `Infinity` where one has to end. */
  hasRoomAt(calls: number, now: number): number {
    return this.#inFlight.fitsAt(calls, this.#limits.maxConcurrency, now);
  }

  /**
   * Books a request that goes now.
   *
   * @param until - For one that may go later than now: when at the latest. It counts from now on, and
   * for a window after that instant, so that no window holds too many whenever it goes.
   */
  take(tokens: number, now: number, until: number = now): Grant {
    this.#day.count(now, until);
    this.#inFlight.count += 1;
    return this.#log.add(until, tokens);
  }

  /** Ends a request that this state has granted. */
  settle(grant: Grant, { tokens, isAnswered }: Ended, now: number): void {
    this.#log.correct(grant, tokens, now);
    this.#log.moveBack(grant, this.#countsFrom(now, isAnswered), now);
    this.#inFlight.count -= 1;
  }

  /**
   * Ends a request by its instants in {@link take}, where the state has been JSON since. Leaves the
   * number in flight as it is.
   *
   * @param endedAt - Or an instant shortly after that.
   */
  settleAt(
    booked: { readonly until: number; readonly tokens: number },
    { endedAt, tokens, isAnswered }: Ended & { readonly endedAt: number },
    now: number,
  ): void {
    const grantedAt = Math.min(booked.until, this.#countsFrom(endedAt, isAnswered));
    this.#log.replace(
      { grantedAt: booked.until, tokens: booked.tokens },
      { grantedAt, tokens },
      now,
    );
  }

  /**
   * As if granted when a request counts that has ended. The margin is for not knowing when it arrives:
   * the server counted one that it has answered before it did. One that it has not may still be on its
   * way, and counts as it was booked.
   */
  #countsFrom(endedAt: number, isAnswered: boolean): number {
    return isAnswered ? endedAt - this.#sparedMs : Infinity;
  }

  /** Undoes a grant that was not used, by its instants in {@link take}. Leaves the number in flight as it is. */
  giveBack(grant: {
    readonly takenAt: number;
    readonly until: number;
    readonly tokens: number;
  }): void {
    this.#log.remove(grant.until, grant.tokens);
    this.#day.uncount(grant.takenAt, grant.until);
  }

  /** Why nobody is granted any more today, if so. */
  dayError(now: number): ModelError | undefined {
    const limit = this.#limits.requestsPerDay;
    if (!this.#day.isUsedUp(limit, now)) return undefined;
    const resetsAt = this.#day.resetsAt(limit, now);
    return dayUsedUp({ limit, resetsAt, now, isRefused: this.#day.isRefused(now) });
  }

  /** Why a call of so many tokens can never be granted, if so. */
  tokensError(tokens: number): ModelError | undefined {
    const { tokensPerMinute } = this.#limits;
    return tokens > tokensPerMinute ? tooManyTokens(tokens, tokensPerMinute) : undefined;
  }

  /** @param waiting - Everybody who waits. */
  describe(waiting: Crowd, now: number): RateLimiterState {
    const { requestsPerMinute, tokensPerMinute, requestsPerDay, maxConcurrency } = this.#limits;
    const left = now < this.#refusedUntil ? 0 : requestsPerMinute - this.#log.count(now);
    return {
      limit: requestsPerMinute,
      remaining: Math.max(0, left),
      delayMs: this.fitsAt({ ...waiting, calls: waiting.calls + 1 }, now) - now,
      resetAfterMs: Math.max(this.#log.emptyAt(), this.#refusedUntil, now) - now,
      tokens: {
        limit: tokensPerMinute,
        remaining: Math.max(0, tokensPerMinute - this.#log.tokens(now)),
      },
      inFlight: this.#inFlight.count,
      maxInFlight: this.#inFlight.max(maxConcurrency, now),
      waiting: waiting.calls,
      day: {
        limit: requestsPerDay,
        used: this.#day.used(requestsPerDay, now),
        resetsAt: this.#day.resetsAt(requestsPerDay, now),
      },
    };
  }

  toJSON(): LimiterStateJson {
    return {
      limits: finite(this.#limits),
      grants: this.#log.toJSON(),
      day: this.#day.toJSON(),
      inFlight: this.#inFlight.toJSON(),
      ...finite({ refusedUntil: this.#refusedUntil }),
    };
  }
}

/** @throws {RangeError} for what is not finite, or not greater than 0 */
export function positive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} is ${value}; expected a number greater than 0`);
}

/** @throws {RangeError} for what is not finite or less than 0 */
export function nonNegative(name: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} is ${value}; expected a number, 0 or more`);
}
