import { finite } from "./finite.ts";

const dayMs = 86_400_000;

/** A {@link DayQuota} as plain JSON. Days are counted since the epoch. */
export interface DayQuotaJson {
  readonly day?: number;
  readonly used?: number;
  readonly usedOfTomorrow?: number;
  readonly takenOver?: number;
  readonly refusedUntil?: number;
}

/** The requests of the present UTC day. */
export class DayQuota {
  readonly #safetyMarginMs: number;
  #day: number;
  #used: number;
  #usedOfTomorrow: number;
  /** What somebody else has counted of the day; it stays, whatever is given back here. */
  #takenOver: number;
  #refusedUntil: number;

  /** @param safetyMarginMs - A request granted so close to midnight may arrive, and count, in either day. */
  constructor(safetyMarginMs: number, json: DayQuotaJson = {}) {
    this.#safetyMarginMs = safetyMarginMs;
    this.#day = json.day ?? -Infinity;
    this.#used = json.used ?? 0;
    this.#usedOfTomorrow = json.usedOfTomorrow ?? 0;
    this.#takenOver = json.takenOver ?? 0;
    this.#refusedUntil = json.refusedUntil ?? -Infinity;
  }

  /** @param until - When the request goes at the latest. */
  count(now: number, until: number = now): void {
    this.#turn(now);
    this.#used += 1;
    if (this.#mayArriveTomorrow(now, until)) this.#usedOfTomorrow += 1;
  }

  /** Undoes a count, by its instants. */
  uncount(now: number, until: number): void {
    const day = Math.floor(now / dayMs);
    const mayArriveTomorrow = this.#mayArriveTomorrow(now, until);
    const countsToday = day === this.#day || (day + 1 === this.#day && mayArriveTomorrow);
    if (countsToday) this.#used = Math.max(this.#takenOver, this.#used - 1);
    if (day === this.#day && mayArriveTomorrow) this.#usedOfTomorrow -= 1;
  }

  /** Takes over a count that somebody else made; never lowers it. */
  takeOver(used: number, now: number): void {
    this.#turn(now);
    this.#takenOver = Math.max(this.#takenOver, used);
    this.#used = Math.max(this.#used, used);
  }

  /** The server says that the day is used up. */
  refuse(until: number): void {
    this.#refusedUntil = Math.max(this.#refusedUntil, until);
  }

  /** The account got a larger quota: what the server refused before no longer holds. */
  forgetRefusal(): void {
    this.#refusedUntil = -Infinity;
  }

  isRefused(now: number): boolean {
    return now < this.#refusedUntil;
  }

  used(limit: number, now: number): number {
    this.#turn(now);
    const isKnown = this.isRefused(now) && limit !== Infinity;
    return isKnown ? Math.max(this.#used, limit) : this.#used;
  }

  isUsedUp(limit: number, now: number): boolean {
    return this.isRefused(now) || this.used(limit, now) >= limit;
  }

  /** When requests are granted again if the day is used up, else when the next day begins. */
  resetsAt(limit: number, now: number): number {
    return this.isUsedUp(limit, now) ? this.fitsAt(1, limit, now) : nextMidnight(now);
  }

  /** When the `position`-th request from now on has a day with room for it. */
  fitsAt(position: number, limit: number, now: number): number {
    const earliest = Math.max(now, this.#refusedUntil);
    this.#turn(now);
    const left = Math.max(0, limit - this.#usedIn(Math.floor(earliest / dayMs)));
    if (position <= left) return earliest;
    const fullDays = Math.ceil((position - left) / limit) - 1;
    return nextMidnight(earliest) + fullDays * dayMs;
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
    return until + this.#safetyMarginMs >= nextMidnight(now);
  }

  #usedIn(day: number): number {
    if (day === this.#day) return this.#used;
    return day === this.#day + 1 ? this.#usedOfTomorrow : 0;
  }

  #turn(now: number): void {
    const day = Math.floor(now / dayMs);
    if (day <= this.#day) return;
    this.#used = this.#usedIn(day);
    this.#usedOfTomorrow = 0;
    this.#takenOver = 0;
    this.#day = day;
  }
}

/** The next midnight in UTC, when a day's quota resets, in milliseconds since the epoch. */
export function nextMidnight(now: number): number {
  return (Math.floor(now / dayMs) + 1) * dayMs;
}
