/** One request, from its grant on until the window has passed it. */
export interface Grant {
  grantedAt: number;
  tokens: number;
}

/** Grants of one instant in JSON, with their tokens together. */
export type GrantEntry = readonly [grantedAt: number, requests: number, tokens: number];

/** Of more instants than these, JSON keeps those that are close together as one. */
const mostEntries = 300;

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
    this.#insert(grant);
    return grant;
  }

  #insert(grant: Grant): void {
    const { grantedAt } = grant;
    let place = this.#grants.length;
    // Almost always the newest; not where others are booked for later, or a clock was set back.
    while (place > this.#first && this.#grantedAt(place - 1) > grantedAt) place -= 1;
    if (place === this.#grants.length) this.#grants.push(grant);
    else this.#grants.splice(place, 0, grant);
    this.#tokens += grant.tokens;
  }

  /** Takes back a grant that was not used; where JSON keeps it together with later ones, one of those. */
  remove(grantedAt: number, tokens: number): void {
    const place = this.#placeOf(grantedAt);
    const grant = this.#grants[place];
    if (!grant) return;
    const next = this.#grants[place + 1];
    // Grants of one instant are alike; what JSON has kept of their tokens lies with the first.
    if (next?.grantedAt === grant.grantedAt) {
      grant.tokens += next.tokens - tokens;
      this.#tokens -= tokens;
      this.#grants.splice(place + 1, 1);
    } else {
      this.#tokens -= grant.tokens;
      this.#grants.splice(place, 1);
    }
  }

  /** Puts what is known by now in the place of what was booked, unless the window has passed that. */
  replace(booked: Readonly<Grant>, known: Readonly<Grant>, now: number): void {
    this.#forget(now);
    if (this.#placeOf(booked.grantedAt) >= this.#grants.length) return;
    if (this.#hasPassed(booked, now)) return;
    this.remove(booked.grantedAt, booked.tokens);
    this.add(known.grantedAt, known.tokens);
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

  /** Counts a grant of this log as one of an earlier instant. */
  moveBack(grant: Grant, grantedAt: number, now: number): void {
    this.#forget(now);
    if (grantedAt >= grant.grantedAt || this.#hasPassed(grant, now)) return;
    this.#grants.splice(this.#grants.indexOf(grant, this.#placeOf(grant.grantedAt)), 1);
    this.#tokens -= grant.tokens;
    grant.grantedAt = grantedAt;
    this.#insert(grant);
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

  /**
   * Reads what {@link GrantLog.toJSON} wrote, into a log that is empty.
   *
   * @param now - No grant can be of much later: one that is was made by a clock that has been set
   * back, and would otherwise count for as long as that.
   */
  restore(entries: readonly GrantEntry[], now: number): void {
    for (const [grantedAt, requests, tokens] of entries) {
      if (grantedAt + this.#spanMs <= now) continue;
      const at = Math.min(grantedAt, now + this.#spanMs);
      for (let index = 0; index < requests; index += 1) this.add(at, index === 0 ? tokens : 0);
    }
  }

  /** Grants that lie close together become one entry at the latest of them, which frees none too soon. */
  toJSON(): GrantEntry[] {
    const entries = this.#entriesBy((grantedAt) => grantedAt);
    if (entries.length <= mostEntries) return entries;
    const widthMs = (2 * this.#spanMs) / mostEntries;
    return this.#entriesBy((grantedAt) => Math.floor(grantedAt / widthMs));
  }

  /** One entry for each run of grants whose instants are of one kind. */
  #entriesBy(kindOf: (grantedAt: number) => number): GrantEntry[] {
    const entries: GrantEntry[] = [];
    let kind: number | undefined;
    for (const { grantedAt, tokens } of this.#grants.slice(this.#first)) {
      const [, requests = 0, others = 0] = kindOf(grantedAt) === kind ? (entries.pop() ?? []) : [];
      entries.push([grantedAt, requests + 1, others + tokens]);
      kind = kindOf(grantedAt);
    }
    return entries;
  }

  #grantedAt(place: number): number {
    return this.#grants[place]?.grantedAt ?? Infinity;
  }

  /** Where the first grant lies that is not before an instant, by halving. */
  #placeOf(grantedAt: number): number {
    let low = this.#first;
    let high = this.#grants.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#grantedAt(middle) < grantedAt) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** When the oldest `count` grants no longer count. */
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
    // Shifting an array takes time in proportion to its length; halving it rarely does not.
    if (this.#first > 64 && this.#first * 2 > this.#grants.length) {
      this.#grants = this.#grants.slice(this.#first);
      this.#first = 0;
    }
  }
}
