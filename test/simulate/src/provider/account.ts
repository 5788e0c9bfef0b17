import type { Random } from "../random.ts";
import type { SimulatedAccount } from "../scenario/world.ts";
import {
  affordRefusal,
  creditRefusal,
  dayRefusal,
  minuteRefusal,
  type Refusal,
} from "./refusals.ts";
import type { ProviderRequest } from "./request-log.ts";

const minuteMs = 60_000;
const dayMs = 86_400_000;
const freePerMinute = 20;

/** The account's limits, as the provider enforces them. */
export class AccountBooks {
  readonly #account: SimulatedAccount;
  readonly #startAt: number;
  readonly #random: Random;
  readonly #all: Window;
  readonly #free: Window;
  readonly #freeByDay = new Map<number, number>();
  /** Paid requests in flight. */
  inFlight = 0;

  constructor(account: SimulatedAccount, startAt: number, random: Random) {
    const { requestsPerMinute, isFixedWindow, foreignRequests } = account;
    this.#account = account;
    this.#startAt = startAt;
    this.#random = random;
    this.#all = new Window(requestsPerMinute, isFixedWindow, foreignRequests);
    this.#free = new Window(freePerMinute, isFixedWindow, foreignRequests);
  }

  /** Requests to free models on the UTC day of an instant, others' included. */
  freeUsed(now: number): number {
    const day = Math.floor(now / dayMs);
    const before = day === Math.floor(this.#startAt / dayMs) ? this.#account.freeUsedToday : 0;
    return before + (this.#freeByDay.get(day) ?? 0);
  }

  /** Counts a request, or says why it is refused. */
  admit({ route, maxTokens }: ProviderRequest, now: number): Refusal | undefined {
    const { freePerDay, creditInFlight, affordableTokens } = this.#account;
    const day = Math.floor(now / dayMs);
    if (route.isFree && this.freeUsed(now) >= freePerDay) return dayRefusal((day + 1) * dayMs);
    const full = [this.#all, ...(route.isFree ? [this.#free] : [])].find((window) =>
      window.isFull(now),
    );
    if (full) return minuteRefusal(full.freeAt(now), now, this.#random.chance(0.5));
    this.#all.add(now);
    if (route.isFree) {
      this.#free.add(now);
      this.#freeByDay.set(day, (this.#freeByDay.get(day) ?? 0) + 1);
      return undefined;
    }
    if (this.inFlight >= creditInFlight) return creditRefusal(this.#random.whole(1, 20));
    if (maxTokens > affordableTokens) return affordRefusal(maxTokens, affordableTokens);
    return undefined;
  }
}

/** Counts requests in fixed windows or in a sliding one. */
class Window {
  readonly #limit: number;
  readonly #isFixed: boolean;
  readonly #foreign: readonly number[];
  #nextForeign = 0;
  #arrivals: number[] = [];

  constructor(limit: number, isFixed: boolean, foreign: readonly number[]) {
    this.#limit = limit;
    this.#isFixed = isFixed;
    this.#foreign = foreign;
  }

  isFull(now: number): boolean {
    this.#advance(now);
    return this.#arrivals.length >= this.#limit;
  }

  /** When a request will be admitted again, if none comes in between. */
  freeAt(now: number): number {
    if (this.#isFixed) return (Math.floor(now / minuteMs) + 1) * minuteMs;
    return (this.#arrivals[this.#arrivals.length - this.#limit] ?? now) + minuteMs;
  }

  add(now: number): void {
    this.#arrivals.push(now);
  }

  #advance(now: number): void {
    for (let at = this.#foreign[this.#nextForeign]; at !== undefined && at <= now;) {
      this.#arrivals.push(at);
      this.#nextForeign += 1;
      at = this.#foreign[this.#nextForeign];
    }
    const windowStart = Math.floor(now / minuteMs) * minuteMs;
    this.#arrivals = this.#arrivals.filter((at) =>
      this.#isFixed ? at >= windowStart : at > now - minuteMs,
    );
  }
}
