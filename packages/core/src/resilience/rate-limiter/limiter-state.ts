import type { ModelError } from "../../errors/model-error.ts";
import { DayQuota, type DayQuotaJson } from "./day-quota.ts";
import { GrantLog, type Grant, type GrantEntry } from "./grant-log.ts";
import { InFlight, type InFlightJson } from "./in-flight.ts";
import { resolveLimits, type RateLimits, type ResolvedRateLimits } from "./limits.ts";
import type { RateLimiterState, Refusal } from "./rate-limiter.ts";
import { dayUsedUp, refusedForLong, tooManyTokens } from "./refusals.ts";
import { finite } from "./finite.ts";
import type { QueueLoad } from "./request-queue.ts";

export interface LimiterStateOptions {
  readonly limits?: RateLimits | undefined;
  /** How long the "minute" lasts, in milliseconds. @defaultValue `60_000` */
  readonly windowMs?: number | undefined;
  /** See `RateLimiterOptions`. @defaultValue a fiftieth of the window, at most 1,000 */
  readonly safetyMarginMs?: number | undefined;
  /** See `RateLimiterOptions`. @defaultValue no limit */
  readonly maxRefusalMs?: number | undefined;
  /** See `RateLimiterOptions`. @defaultValue no limit */
  readonly maxRefusalWaitMs?: number | undefined;
}

/** A {@link LimiterState} as plain JSON. Infinite limits are absent, and so are refusals if there was none. */
export interface LimiterStateJson {
  readonly limits?: RateLimits;
  readonly grants?: readonly GrantEntry[];
  readonly day?: DayQuotaJson;
  readonly inFlight?: InFlightJson;
  readonly refusedUntil?: number;
}

/** How a request ended. */
export interface Ended {
  readonly tokens: number;
  /** Whether the server has answered it. */
  readonly isAnswered: boolean;
}

/** The latest instant of a `Date`. */
const latestAt = 8.64e15;

/**
 * The rules of a rate limiter: an account's limits, and what counts against them. It has no queue,
 * no timers and no clock: the caller passes the time, for example a database's.
 *
 * Processes can share a state in a database, because it can be written as JSON and read again.
 */
export class LimiterState {
  /** {@link LimiterStateOptions.safetyMarginMs}, or its default. */
  readonly safetyMarginMs: number;
  readonly #log: GrantLog;
  readonly #day: DayQuota;
  readonly #inFlight: InFlight;
  /** The part of the safety margin that a request does not need once it was answered. */
  readonly #unneededMarginMs: number;
  readonly #maxRefusalMs: number;
  readonly #maxRefusalWaitMs: number;
  #limits: ResolvedRateLimits;
  /** End of a refusal of the minute. */
  #refusedUntil: number;

  /**
   * @param json - See {@link LimiterState.fromJSON}.
   * @throws {RangeError} if an option is out of range
   */
  constructor(options: LimiterStateOptions = {}, json: LimiterStateJson = {}, now: number = 0) {
    const windowMs = positive("windowMs", options.windowMs ?? 60_000);
    const defaultMarginMs = Math.min(1000, windowMs / 50);
    const marginMs = nonNegative("safetyMarginMs", options.safetyMarginMs ?? defaultMarginMs);
    this.safetyMarginMs = marginMs;
    this.#limits = resolveLimits(options.limits ?? {}, resolveLimits(json.limits ?? {}));
    // The rest of the margin allows for clocks of different speeds.
    this.#unneededMarginMs = Math.max(0, marginMs - windowMs / 1000);
    this.#log = new GrantLog(windowMs + marginMs);
    this.#log.restore(json.grants ?? [], now);
    this.#day = new DayQuota(marginMs, json.day);
    this.#inFlight = new InFlight(windowMs / 10, json.inFlight);
    this.#maxRefusalMs = options.maxRefusalMs ?? Infinity;
    this.#maxRefusalWaitMs = options.maxRefusalWaitMs ?? Infinity;
    this.#refusedUntil = Math.min(json.refusedUntil ?? -Infinity, now + this.#maxRefusalMs);
  }

  /**
   * Reads the result of {@link LimiterState.toJSON}.
   *
   * @param now - Grants that no longer count are left out. Grants in the far future, which a clock
   * has made that was set back since, are moved to at most one window after now. A refusal ends at the
   * latest `maxRefusalMs` after now.
   */
  static fromJSON(json: LimiterStateJson, options: LimiterStateOptions, now: number): LimiterState {
    return new LimiterState(options, json, now);
  }

  get limits(): ResolvedRateLimits {
    return this.#limits;
  }

  /** Requests in flight. Can be set by a caller that counts them itself. */
  get inFlight(): number {
    return this.#inFlight.count;
  }

  set inFlight(count: number) {
    this.#inFlight.count = count;
  }

  /**
   * Changes the given limits. A larger daily limit cancels an earlier refusal of the day.
   *
   * @throws {RangeError} if one is not a valid limit; nothing changes then
   */
  setLimits(changes: RateLimits): void {
    const old = this.#limits;
    this.#limits = resolveLimits(changes, old);
    if (this.#limits.requestsPerDay > old.requestsPerDay) this.#day.forgetRefusal();
  }

  /**
   * Records that the server refused a request although the limits allowed it. A refusal that has
   * ended already changes nothing.
   */
  refuse({ scope, grantedAt, until: end }: Refusal, now: number): void {
    const latest = scope === "day" ? latestAt : now + this.#maxRefusalMs;
    const until = Math.min(end, latest, latestAt);
    if (until <= now) return;
    if (scope === "minute") this.#refusedUntil = Math.max(this.#refusedUntil, until);
    if (scope === "day") this.#day.refuse(until);
    if (scope === "concurrency") this.#inFlight.shrink(until, grantedAt ?? now, now);
  }

  /** Takes over a count of the current UTC day; never lowers the count. */
  countDay(used: number, now: number): void {
    this.#day.takeOver(used, now);
  }

  /** When the last request of a load can be granted, by the limits per minute and day. */
  fitsAt({ calls, tokens }: QueueLoad, now: number): number {
    const { requestsPerMinute, tokensPerMinute, requestsPerDay } = this.#limits;
    const notBefore = Math.max(this.#refusedUntil, this.#day.fitsAt(1, requestsPerDay, now));
    return Math.max(
      this.#log.requestFitsAt(calls, requestsPerMinute, notBefore, now),
      this.#log.tokensFitAt(tokens, tokensPerMinute, notBefore, now),
      this.#day.fitsAt(calls, requestsPerDay, now),
    );
  }

  /** When this many more requests may be in flight if none ends before; `Infinity` if one has to end first. */
  hasRoomAt(calls: number, now: number): number {
    return this.#inFlight.fitsAt(calls, this.#limits.maxConcurrency, now);
  }

  /**
   * Books a request that is sent now.
   *
   * @param until - Latest instant at which it is sent, if that may be later than now. It counts from
   * now until one window after that instant, so that no window has too many requests in either case.
   */
  take(tokens: number, now: number, until: number = now): Grant {
    this.#day.count(now, until);
    this.#inFlight.count += 1;
    return this.#log.add(until, tokens);
  }

  /** Ends a request that {@link LimiterState.take} of this object has booked. */
  settle(grant: Grant, { tokens, isAnswered }: Ended, now: number): void {
    this.#log.correct(grant, tokens, now);
    this.#log.moveBack(grant, this.#countsFrom(now, isAnswered), now);
    this.#inFlight.count -= 1;
  }

  /**
   * Ends a request by its arguments of {@link LimiterState.take}, if the state was JSON in between.
   * Does not change the number in flight.
   *
   * @param endedAt - The end of the request, or an instant shortly after it.
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
   * The instant at which an ended request counts as granted, at the latest. The margin allows for the
   * unknown time of arrival. The server counted an answered request before it answered, so the margin
   * is not needed. A request without an answer may not have arrived yet, and counts as it was booked.
   */
  #countsFrom(endedAt: number, isAnswered: boolean): number {
    return isAnswered ? endedAt - this.#unneededMarginMs : Infinity;
  }

  /** Removes a grant that was not used, by its arguments of {@link take}. Does not change the number in flight. */
  giveBack(
    {
      takenAt,
      until,
      tokens,
    }: { readonly takenAt: number; readonly until: number; readonly tokens: number },
    now: number,
  ): void {
    this.#log.remove({ grantedAt: until, tokens }, now);
    this.#day.uncount(takenAt, until);
  }

  /** The error if the day is used up. */
  dayError(now: number): ModelError | undefined {
    const limit = this.#limits.requestsPerDay;
    if (!this.#day.isUsedUp(limit, now)) return undefined;
    const resetsAt = this.#day.resetsAt(limit, now);
    return dayUsedUp({ limit, resetsAt, now, isRefused: this.#day.isRefused(now) });
  }

  /** The error while the server refuses requests for longer than a call may wait for that. */
  refusalError(now: number): ModelError | undefined {
    const waitMs = this.#refusedUntil - now;
    return waitMs > this.#maxRefusalWaitMs ? refusedForLong(this.#refusedUntil, now) : undefined;
  }

  /** The error if a call of this many tokens can never be granted. */
  tokensError(tokens: number): ModelError | undefined {
    const { tokensPerMinute } = this.#limits;
    return tokens > tokensPerMinute ? tooManyTokens(tokens, tokensPerMinute) : undefined;
  }

  /** @param waiting - The load of all calls that wait. */
  describe(waiting: QueueLoad, now: number): RateLimiterState {
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

/** @throws {RangeError} for a number that is not finite or not greater than 0 */
export function positive(name: string, value: number): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} is ${value}: expected a number greater than 0`);
}

/** @throws {RangeError} for a number that is negative or not finite */
export function nonNegative(name: string, value: number): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  throw new RangeError(`${name} is ${value}: expected a number of at least 0`);
}
