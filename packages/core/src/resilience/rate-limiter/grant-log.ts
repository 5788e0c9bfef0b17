/** A granted request, which counts until the window has passed. */
export interface Grant {
  grantedAt: number;
  tokens: number;
}

/** The grants of one instant in JSON, with the sum of their tokens. */
export type GrantEntry = readonly [grantedAt: number, requests: number, tokens: number];

/** Maximum length of the JSON: with more instants, those close together become one entry. */
const maxEntries = 300;

/**
 * The grants of the last window, oldest first: a sliding window log.
 *
 * A grant counts for `spanMs`, which is the window and the safety margin. Any interval of `spanMs`
 * has at most `limit` grants, wherever it begins. A server counts a request when it arrives, and the
 * delays of two requests differ by at most the margin. So any interval of one *window* has at most
 * `limit` arrivals. This satisfies every common way to count:
 *
 * - **fixed windows**, wherever they begin: each is an interval of one window;
 * - **sliding windows**: by definition;
 * - **token buckets** with the capacity `limit`, refilled once per window: in an interval of `k` to
 *   `k + 1` windows, at most `(k + 1) × limit` requests arrive. The bucket serves `limit` requests
 *   from its capacity and at least `k × limit` from its refills.
 *
 * It does not satisfy a leaky bucket that allows no bursts, which no "requests per minute" means.
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
    this.#insert(grant);
    return grant;
  }

  #insert(grant: Grant): void {
    const { grantedAt } = grant;
    let index = this.#grants.length;
    // Almost always the end of the log, unless others are booked for later or a clock was set back.
    while (index > this.#first && this.#grantedAt(index - 1) > grantedAt) index -= 1;
    if (index === this.#grants.length) this.#grants.push(grant);
    else this.#grants.splice(index, 0, grant);
    this.#tokens += grant.tokens;
  }

  /**
   * Removes a grant that was not used, unless the window has passed it. If JSON has merged it with later
   * ones, one of those is removed.
   */
  remove({ grantedAt, tokens }: Readonly<Grant>, now: number): void {
    this.#forget(now);
    if (this.#hasPassed({ grantedAt, tokens }, now)) return;
    const index = this.#indexOf(grantedAt);
    const grant = this.#grants[index];
    if (!grant) return;
    const next = this.#grants[index + 1];
    // Grants of one instant are interchangeable; read from JSON, the first has the tokens of all.
    if (next?.grantedAt === grant.grantedAt) {
      grant.tokens += next.tokens - tokens;
      this.#tokens -= tokens;
      this.#grants.splice(index + 1, 1);
    } else {
      this.#tokens -= grant.tokens;
      this.#grants.splice(index, 1);
    }
  }

  /** Replaces a booked grant by the actual one, unless the window has passed the booked one. */
  replace(booked: Readonly<Grant>, actual: Readonly<Grant>, now: number): void {
    this.#forget(now);
    if (this.#indexOf(booked.grantedAt) >= this.#grants.length) return;
    if (this.#hasPassed(booked, now)) return;
    this.remove(booked, now);
    this.add(actual.grantedAt, actual.tokens);
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

  /** Replaces the estimated tokens of a grant by the actual ones. */
  correct(grant: Grant, tokens: number, now: number): void {
    this.#forget(now);
    if (!this.#hasPassed(grant, now)) this.#tokens += tokens - grant.tokens;
    grant.tokens = tokens;
  }

  /** Changes a grant of this log to an earlier instant. */
  moveBack(grant: Grant, grantedAt: number, now: number): void {
    this.#forget(now);
    if (grantedAt >= grant.grantedAt || this.#hasPassed(grant, now)) return;
    let index = this.#grants.indexOf(grant, this.#indexOf(grant.grantedAt));
    grant.grantedAt = grantedAt;
    // In place: requests are settled in about the order of their grants, so that few others move.
    for (; index > this.#first && this.#grantedAt(index - 1) > grantedAt; index -= 1) {
      this.#grants[index] = this.#grants[index - 1] ?? grant;
    }
    this.#grants[index] = grant;
  }

  /** When the window is empty if nothing more is granted; in the past if it is empty now. */
  emptyAt(): number {
    const last = this.#grants.at(-1);
    return last ? last.grantedAt + this.#spanMs : -Infinity;
  }

  /**
   * When the `position`-th request, counted from now, can be granted, if each one before it is granted as
   * early as possible. The first `limit` requests follow the grants that count now, in order; each
   * later one follows the request `limit` positions before it, after one window.
   *
   * @param notBefore - Earliest instant for any of them.
   */
  requestFitsAt(position: number, limit: number, notBefore: number, now: number): number {
    if (limit === Infinity) return notBefore;
    const windows = Math.ceil(position / limit) - 1;
    const mustPass = this.count(now) + (position - windows * limit) - limit;
    return Math.max(notBefore, this.#passedAt(mustPass, now)) + windows * this.#spanMs;
  }

  /**
   * When this many tokens can be granted, including those of the calls before. Takes time in
   * proportion to the grants that the window has to pass first.
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

  /**
   * Reads the result of {@link GrantLog.toJSON} into an empty log.
   *
   * @param now - Grants later than this by more than a window were made by a clock that was set back
   * since; they are moved back, and otherwise would count for too long.
   */
  restore(entries: readonly GrantEntry[], now: number): void {
    for (const [grantedAt, requests, tokens] of entries) {
      if (grantedAt + this.#spanMs <= now) continue;
      const at = Math.min(grantedAt, now + this.#spanMs);
      for (let index = 0; index < requests; index += 1) this.add(at, index === 0 ? tokens : 0);
    }
  }

  /** Merges grants that are close together at the instant of the last one, so that none counts too briefly. */
  toJSON(): GrantEntry[] {
    const entries = this.#entriesBy((grantedAt) => grantedAt);
    if (entries.length <= maxEntries) return entries;
    const widthMs = (2 * this.#spanMs) / maxEntries;
    return this.#entriesBy((grantedAt) => Math.floor(grantedAt / widthMs));
  }

  /** One entry for each sequence of grants with the same group. */
  #entriesBy(groupOf: (grantedAt: number) => number): GrantEntry[] {
    const entries: GrantEntry[] = [];
    let group: number | undefined;
    for (const { grantedAt, tokens } of this.#grants.slice(this.#first)) {
      const [, requests = 0, others = 0] =
        groupOf(grantedAt) === group ? (entries.pop() ?? []) : [];
      entries.push([grantedAt, requests + 1, others + tokens]);
      group = groupOf(grantedAt);
    }
    return entries;
  }

  #grantedAt(index: number): number {
    return this.#grants[index]?.grantedAt ?? Infinity;
  }

  /** Index of the first grant that is not before an instant, by binary search. */
  #indexOf(grantedAt: number): number {
    let low = this.#first;
    let high = this.#grants.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#grantedAt(middle) < grantedAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** When the window has passed the oldest `count` grants. */
  #passedAt(count: number, now: number): number {
    const last = count > 0 ? this.#grants[this.#first + count - 1] : undefined;
    return last ? last.grantedAt + this.#spanMs : now;
  }

  #hasPassed(grant: Readonly<Grant>, now: number): boolean {
    return grant.grantedAt + this.#spanMs <= now;
  }

  #forget(now: number): void {
    for (;;) {
      const oldest = this.#grants[this.#first];
      if (!oldest || !this.#hasPassed(oldest, now)) break;
      this.#tokens -= oldest.tokens;
      this.#first += 1;
    }
    // `shift` copies the array each time. Copying it only when half of it is unused costs little.
    if (this.#first > 64 && this.#first * 2 > this.#grants.length) {
      this.#grants = this.#grants.slice(this.#first);
      this.#first = 0;
    }
  }
}
