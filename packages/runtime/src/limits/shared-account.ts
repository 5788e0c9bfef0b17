import {
  LimiterState,
  type Crowd,
  type LimiterStateJson,
  type LimiterStateOptions,
} from "@orchestra/core/limits";

/** Calls of one rank that wait in one process. */
export interface Demand {
  readonly rank: number;
  readonly calls: number;
  readonly tokens: number;
  /** Since when the first of them waits, in milliseconds since the epoch. */
  readonly since: number;
}

/** What one process has of an account, and wants of it. */
export interface Holder {
  /** When it last wrote, in milliseconds since the epoch. */
  readonly seenAt: number;
  /** The last of its turns that was committed. */
  readonly turn: string;
  /** Requests that it has under way. */
  readonly inFlight: number;
  /** Leases that it has not used, and may use without asking. */
  readonly ahead: number;
  readonly demand: readonly Demand[];
}

/** The document of an account, as its row in `rate_limits` holds it. */
export interface SharedAccountJson {
  readonly limiter?: LimiterStateJson;
  /** By their ids. */
  readonly holders?: Readonly<Record<string, HolderJson>>;
  readonly edition?: number;
}

type HolderJson = Omit<Holder, "demand"> & {
  readonly demand?: readonly (readonly [
    rank: number,
    calls: number,
    tokens: number,
    since: number,
  ])[];
};

export interface SharedAccountOptions extends Omit<LimiterStateOptions, "limits"> {
  /** After how long unseen a process counts as dead, in milliseconds. */
  readonly deadAfterMs: number;
}

/** What several processes know of one account together: its state, and each other. */
export class SharedAccount {
  readonly state: LimiterState;
  /** Rises when what is allowed has changed, so that everybody who waits has to be told anew. */
  edition: number;
  readonly #holders: Map<string, Holder>;
  readonly #isLiveAt: (holder: Holder) => boolean;

  /** @param now - By the clock that all processes go by; who has been unseen too long is forgotten. */
  constructor(
    { limiter = {}, holders = {}, edition = 0 }: SharedAccountJson,
    { deadAfterMs, ...options }: SharedAccountOptions,
    now: number,
  ) {
    this.state = LimiterState.fromJSON(limiter, options, now);
    this.edition = edition;
    const all = Object.entries(holders).map(([id, json]) => [id, toHolder(json)] as const);
    this.#holders = new Map(all.filter(([, { seenAt }]) => now - seenAt < deadAfterMs));
    this.#isLiveAt = ({ seenAt }) => now - seenAt < patienceMs(deadAfterMs);
  }

  holder(id: string): Holder | undefined {
    return this.#holders.get(id);
  }

  setHolder(id: string, holder: Holder): void {
    this.#holders.set(id, holder);
  }

  forgetHolder(id: string): void {
    this.#holders.delete(id);
  }

  /** All but one. */
  others(id: string): [id: string, holder: Holder][] {
    return [...this.#holders].filter(([other]) => other !== id);
  }

  /**
   * Others whose calls wait, those whose turn comes first before the rest. A process that has not
   * been seen for a few seconds may be dead, and does not count.
   */
  waiting(id: string): (Demand & { readonly holderId: string })[] {
    return this.others(id)
      .filter(([, holder]) => this.#isLiveAt(holder))
      .flatMap(([holderId, { demand }]) => demand.map((each) => ({ ...each, holderId })))
      .toSorted((a, b) => b.rank - a.rank || a.since - b.since);
  }

  toJSON(): SharedAccountJson {
    const holders = [...this.#holders].map(([id, holder]) => [id, toJson(holder)]);
    return {
      limiter: this.state.toJSON(),
      holders: Object.fromEntries(holders) as Record<string, HolderJson>,
      edition: this.edition,
    };
  }
}

/**
 * Whom a call has to let go first of those who wait in other processes: all of a higher rank, and of
 * its own rank, from each process that has waited for longer, one. So nobody is starved by a process
 * that is quicker to ask, and nobody has to know every call of every process.
 */
export function crowdBefore(
  call: { readonly rank: number; readonly since: number },
  waiting: readonly Demand[],
): Crowd {
  let calls = 0;
  let tokens = 0;
  for (const demand of waiting) {
    if (demand.rank > call.rank) {
      calls += demand.calls;
      tokens += demand.tokens;
    } else if (demand.rank === call.rank && demand.since < call.since) {
      calls += 1;
      tokens += Math.ceil(demand.tokens / demand.calls);
    }
  }
  return { calls, tokens };
}

/** How long what a process wants counts without word from it. */
function patienceMs(deadAfterMs: number): number {
  return deadAfterMs / 6;
}

/** JSON has no infinity, which is a rank as good as any. */
const highestRank = Number.MAX_VALUE;

function toJson({ demand, ...holder }: Holder): HolderJson {
  if (demand.length === 0) return holder;
  return {
    ...holder,
    demand: demand.map(({ rank, calls, tokens, since }) => [
      Math.min(highestRank, Math.max(-highestRank, rank)),
      calls,
      tokens,
      since,
    ]),
  };
}

function toHolder({ demand = [], ...holder }: HolderJson): Holder {
  return {
    ...holder,
    demand: demand.map(([rank, calls, tokens, since]) => ({ rank, calls, tokens, since })),
  };
}
