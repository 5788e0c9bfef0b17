/** One request, from its grant on until the window has passed it. */
export interface Grant {
  readonly grantedAt: number;
  tokens: number;
}

/**
 * The grants of the last window, oldest first: a sliding window log.
 *
 * A grant frees its place `spanMs` after it was made, `spanMs` being the window and the safety
 * margin. So any `spanMs` in a row hold at most the limit, wherever they begin. A server counts a
 * request when it arrives, up to a margin later or sooner than its neighbours, so any *window* in a
 * row holds at most the limit of arrivals. That satisfies every way to count that is in use:
 *
 * - **fixed windows**, wherever they begin: each is a window in a row;
 * - **sliding windows**: by definition;
 * - **token buckets** of the limit's capacity, refilled once a window: in any stretch of time from
 *   `k` up to `k + 1` windows arrive at most `k + 1` limits, and the bucket gives out one limit that
 *   it holds and at least `k` that it refills.
 *
 * Not a leaky bucket that takes no bursts at all; nobody who says "a minute" means one.
 */
export class GrantLog {
  readonly #spanMs: number;
  #grants: Grant[] = [];
  /** Index of the oldest grant that still counts. */
  #first = 0;
  #tokens = 0;

  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  add(grantedAt: number, tokens: number): Grant {
    const grant = { grantedAt, tokens };
    this.#grants.push(grant);
    this.#tokens += tokens;
    return grant;
  }

  /** Requests that count at `now`. */
  count(now: number): number {
    this.#forget(now);
    return this.#grants.length - this.#first;
  }

  /** Tokens that count at `now`. */
  tokens(now: number): number {
    this.#forget(now);
    return this.#tokens;
  }

  /** Replaces an estimate by what the request took. */
  correct(grant: Grant, tokens: number, now: number): void {
    this.#forget(now);
    if (!this.#hasPassed(grant, now)) this.#tokens += tokens - grant.tokens;
    grant.tokens = tokens;
  }

  /** When the window is empty, if nothing more is granted; in the past if it is empty already. */
  emptyAt(): number {
    const last = this.#grants.at(-1);
    return last ? last.grantedAt + this.#spanMs : -Infinity;
  }

  /**
   * When the `position`-th request from now on can be granted, if every one before it is as soon as it
   * can be. The first `limit` of them take the places of those that count now, in order, and all
   * later ones follow the one `limit` places before them after a window.
   *
   * @param notBefore - The earliest for any of them.
   */
  requestFitsAt(position: number, limit: number, notBefore: number, now: number): number {
    if (limit === Infinity) return notBefore;
    const windows = Math.ceil(position / limit) - 1;
    const mustPass = this.count(now) + (position - windows * limit) - limit;
    return Math.max(notBefore, this.#passedAt(mustPass, now)) + windows * this.#spanMs;
  }

  /**
   * When so many tokens can be granted, those of the calls before included. Takes time in
   * proportion to the grants that have to pass first.
   */
  tokensFitAt(tokens: number, limit: number, notBefore: number, now: number): number {
    if (limit === Infinity) return notBefore;
    const windows = Math.max(0, Math.ceil(tokens / limit) - 1);
    let excess = this.tokens(now) + (tokens - windows * limit) - limit;
    let mustPass = 0;
    for (; excess > 0 && this.#first + mustPass < this.#grants.length; mustPass += 1) {
      excess -= this.#grants[this.#first + mustPass]?.tokens ?? 0;
    }
    return Math.max(notBefore, this.#passedAt(mustPass, now)) + windows * this.#spanMs;
  }

  /** When the oldest `count` grants no longer count. */
  #passedAt(count: number, now: number): number {
    const last = count > 0 ? this.#grants[this.#first + count - 1] : undefined;
    return last ? last.grantedAt + this.#spanMs : now;
  }

  #hasPassed(grant: Grant, now: number): boolean {
    return grant.grantedAt + this.#spanMs <= now;
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#grants[this.#first];
      if (!oldest || !this.#hasPassed(oldest, now)) break;
      this.#tokens -= oldest.tokens;
      this.#first += 1;
    }
    // Shifting an array takes time in proportion to its length; halving it rarely does not.
    if (this.#first > 64 && this.#first * 2 > this.#grants.length) {
      this.#grants = this.#grants.slice(this.#first);
      this.#first = 0;
    }
  }
}
