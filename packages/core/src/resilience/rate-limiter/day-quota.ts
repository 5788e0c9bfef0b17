import { nextUtcMidnight, utcDay } from "../../clock/utc-day.ts";
import { finite } from "./finite.ts";

/** A {@link DayQuota} as plain JSON. */
export interface DayQuotaJson {
  /** Days since the epoch. */
  readonly day?: number;
  readonly used?: number;
  readonly usedOfTomorrow?: number;
  readonly takenOver?: number;
  readonly refusedUntil?: number;
}

/** Counts the requests of the current UTC day. */
export class DayQuota {
  readonly #safetyMarginMs: number;
  #day: number;
  #used: number;
  #usedOfTomorrow: number;
  /** The part of `#used` that was counted elsewhere; it never decreases within the day. */
  #takenOver: number;
  #refusedUntil: number;

  /** @param safetyMarginMs - A request this close to midnight counts for both days. */
  constructor(safetyMarginMs: number, json: DayQuotaJson = {}) {
    this.#safetyMarginMs = safetyMarginMs;
    this.#day = json.day ?? -Infinity;
    this.#used = json.used ?? 0;
    this.#usedOfTomorrow = json.usedOfTomorrow ?? 0;
    this.#takenOver = json.takenOver ?? 0;
    this.#refusedUntil = json.refusedUntil ?? -Infinity;
  }

  /** @param until - The latest instant at which the request is sent. */
  count(now: number, until: number = now): void {
    this.#startDay(now);
    this.#used += 1;
    if (this.#mayArriveTomorrow(now, until)) this.#usedOfTomorrow += 1;
  }

  /** Reverts {@link DayQuota.count}, called with the same instants. */
  uncount(now: number, until: number): void {
    const day = utcDay(now);
    const mayArriveTomorrow = this.#mayArriveTomorrow(now, until);
    const countsToday = day === this.#day || (day + 1 === this.#day && mayArriveTomorrow);
    if (countsToday) this.#used = Math.max(this.#takenOver, this.#used - 1);
    if (day === this.#day && mayArriveTomorrow) this.#usedOfTomorrow -= 1;
  }

  /** Takes over a count that was made elsewhere; never lowers the count. */
  takeOver(used: number, now: number): void {
    this.#startDay(now);
    this.#takenOver = Math.max(this.#takenOver, used);
    this.#used = Math.max(this.#used, used);
  }

  /** The server has reported that the day's quota is used up. */
  refuse(until: number): void {
    this.#refusedUntil = Math.max(this.#refusedUntil, until);
  }

  /** Cancels a refusal: the account has a larger quota now. */
  forgetRefusal(): void {
    this.#refusedUntil = -Infinity;
  }

  isRefused(now: number): boolean {
    return now < this.#refusedUntil;
  }

  used(limit: number, now: number): number {
    this.#startDay(now);
    const isAtLimit = this.isRefused(now) && limit !== Infinity;
    return isAtLimit ? Math.max(this.#used, limit) : this.#used;
  }

  isUsedUp(limit: number, now: number): boolean {
    return this.isRefused(now) || this.used(limit, now) >= limit;
  }

  /** When requests are granted again if the day is used up; otherwise the start of the next day. */
  resetsAt(limit: number, now: number): number {
    return this.isUsedUp(limit, now) ? this.fitsAt(1, limit, now) : nextUtcMidnight(now);
  }

  /** When the `position`-th request, counted from now, fits into a day. */
  fitsAt(position: number, limit: number, now: number): number {
    const earliest = Math.max(now, this.#refusedUntil);
    this.#startDay(now);
    const left = Math.max(0, limit - this.#usedIn(utcDay(earliest)));
    if (position <= left) return earliest;
    const fullDays = Math.ceil((position - left) / limit) - 1;
    return nextUtcMidnight(earliest, fullDays);
  }

  toJSON(): DayQuotaJson {
    return {
      ...finite({ day: this.#day, refusedUntil: this.#refusedUntil }),
      used: this.#used,
      usedOfTomorrow: this.#usedOfTomorrow,
      takenOver: this.#takenOver,
    };
  }

  #mayArriveTomorrow(now: number, until: number): boolean {
    return until + this.#safetyMarginMs >= nextUtcMidnight(now);
  }

  #usedIn(day: number): number {
    if (day === this.#day) return this.#used;
    return day === this.#day + 1 ? this.#usedOfTomorrow : 0;
  }

  /** Resets the counts if a new day has begun. */
  #startDay(now: number): void {
    const day = utcDay(now);
    if (day <= this.#day) return;
    this.#used = this.#usedIn(day);
    this.#usedOfTomorrow = 0;
    this.#takenOver = 0;
    this.#day = day;
  }
}
