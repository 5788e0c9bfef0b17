/** What a line knows of those who stand in it. */
export interface Waiter {
  /** Higher goes first. */
  readonly rank: number;
  readonly tokens: number;
}

/** Calls and their tokens. */
export interface Crowd {
  readonly calls: number;
  readonly tokens: number;
}

interface Place<W> {
  readonly waiter: W;
  before: Place<W> | undefined;
  after: Place<W> | undefined;
}

/** Those of one rank, in the order in which they came. */
interface Rank<W> {
  readonly rank: number;
  first: Place<W> | undefined;
  last: Place<W> | undefined;
  calls: number;
  tokens: number;
}

/**
 * Who waits, by rank and then by arrival. The first is found, and anybody leaves, in constant time;
 * joining takes time in proportion to the number of different ranks, of which there are few.
 */
export class WaitingLine<W extends Waiter> {
  /** Ranks in which somebody waits, the highest first. */
  readonly #ranks: Rank<W>[] = [];
  readonly #places = new Map<W, Place<W>>();

  get size(): number {
    return this.#places.size;
  }

  get first(): W | undefined {
    return this.#ranks[0]?.first?.waiter;
  }

  has(waiter: W): boolean {
    return this.#places.has(waiter);
  }

  join(waiter: W): void {
    const rank = this.#rankFor(waiter.rank);
    const place: Place<W> = { waiter, before: rank.last, after: undefined };
    if (rank.last) rank.last.after = place;
    else rank.first = place;
    rank.last = place;
    rank.calls += 1;
    rank.tokens += waiter.tokens;
    this.#places.set(waiter, place);
  }

  leave(waiter: W): void {
    const place = this.#places.get(waiter);
    const index = this.#ranks.findIndex(({ rank }) => rank === waiter.rank);
    const rank = this.#ranks[index];
    if (!place || !rank) return;
    if (place.before) place.before.after = place.after;
    else rank.first = place.after;
    if (place.after) place.after.before = place.before;
    else rank.last = place.before;
    rank.calls -= 1;
    rank.tokens -= waiter.tokens;
    this.#places.delete(waiter);
    if (rank.calls === 0) this.#ranks.splice(index, 1);
  }

  /** All of this rank and of higher ones: those who go before somebody who would join now. */
  from(lowest: number): Crowd {
    let calls = 0;
    let tokens = 0;
    for (const rank of this.#ranks) {
      if (rank.rank < lowest) break;
      calls += rank.calls;
      tokens += rank.tokens;
    }
    return { calls, tokens };
  }

  /** Everybody who waits now, in their order. */
  everyone(): W[] {
    const everyone: W[] = [];
    for (const { first } of this.#ranks) {
      for (let place = first; place; place = place.after) everyone.push(place.waiter);
    }
    return everyone;
  }

  #rankFor(rank: number): Rank<W> {
    const index = this.#ranks.findIndex((other) => other.rank <= rank);
    const found = this.#ranks[index];
    if (found?.rank === rank) return found;
    const added: Rank<W> = { rank, first: undefined, last: undefined, calls: 0, tokens: 0 };
    this.#ranks.splice(index < 0 ? this.#ranks.length : index, 0, added);
    return added;
  }
}
