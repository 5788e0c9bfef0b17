import {
  LimiterState,
  type QueueLoad,
  type LimiterStateJson,
  type LimiterStateOptions,
} from "@orchestra/core/limits";

/** The calls of one priority that wait in one process. */
export interface Demand {
  readonly priority: number;
  readonly calls: number;
  readonly tokens: number;
  /** When the first of them was made, in milliseconds since the epoch. */
  readonly since: number;
}

/** A process that uses the account. */
export interface Holder {
  /** When it last wrote, in milliseconds since the epoch. */
  readonly seenAt: number;
  /** Id of its last committed turn. */
  readonly turn: string;
  /** Its requests in flight. */
  readonly inFlight: number;
  /** Leases that it has reserved ahead of its calls. */
  readonly ahead: number;
  readonly demand: readonly Demand[];
}

/** An account's document, as stored in its row of `rate_limits`. */
export interface SharedAccountJson {
  readonly limiter?: LimiterStateJson;
  /** By id. */
  readonly holders?: Readonly<Record<string, HolderJson>>;
  readonly edition?: number;
}

type HolderJson = Omit<Holder, "demand"> & {
  readonly demand?: readonly (readonly [
    priority: number,
    calls: number,
    tokens: number,
    since: number,
  ])[];
};

export interface SharedAccountOptions extends Omit<LimiterStateOptions, "limits"> {
  /** A process that has not written for this long counts as dead, in milliseconds. */
  readonly deadAfterMs: number;
}

/** An account that several processes share: the limiter's state, and the processes. */
export class SharedAccount {
  readonly state: LimiterState;
  /** Increases when the limits change, or a refusal does: all waiting calls are notified again. */
  edition: number;
  readonly #holders: Map<string, Holder>;
  readonly #isLiveAt: (holder: Holder) => boolean;

  /** @param now - By the clock that all processes share. Dead processes are left out. */
  constructor(
    { limiter = {}, holders = {}, edition = 0 }: SharedAccountJson,
    { deadAfterMs, ...options }: SharedAccountOptions,
    now: number,
  ) {
    this.state = LimiterState.fromJSON(limiter, options, now);
    this.edition = edition;
    const all = Object.entries(holders).map(([id, json]) => [id, toHolder(json)] as const);
    this.#holders = new Map(all.filter(([, { seenAt }]) => now - seenAt < deadAfterMs));
    this.#isLiveAt = ({ seenAt }) => now - seenAt < waitingTimeoutMs(deadAfterMs);
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

  /** All processes but one. */
  others(id: string): [id: string, holder: Holder][] {
    return [...this.#holders].filter(([other]) => other !== id);
  }

  /**
   * Calls that wait in other processes, in the order in which they are served. A process that has not
   * written for a few seconds may be dead, and its calls do not count.
   */
  waiting(id: string): (Demand & { readonly holderId: string })[] {
    return this.others(id)
      .filter(([, holder]) => this.#isLiveAt(holder))
      .flatMap(([holderId, { demand }]) => demand.map((each) => ({ ...each, holderId })))
      .toSorted((a, b) => b.priority - a.priority || a.since - b.since);
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
 * The load of the calls in other processes that go before a call: all of a higher priority, and of the
 * same priority one from each process whose first call has waited longer. A process that asks more
 * often cannot starve the others, and no process has to know each call of the others.
 */
export function loadBefore(
  call: { readonly priority: number; readonly since: number },
  waiting: readonly Demand[],
): QueueLoad {
  let calls = 0;
  let tokens = 0;
  for (const demand of waiting) {
    if (demand.priority > call.priority) {
      calls += demand.calls;
      tokens += demand.tokens;
    } else if (demand.priority === call.priority && demand.since < call.since) {
      calls += 1;
      tokens += Math.ceil(demand.tokens / demand.calls);
    }
  }
  return { calls, tokens };
}

/** How long the waiting calls of a process count after it has written last. */
function waitingTimeoutMs(deadAfterMs: number): number {
  return deadAfterMs / 6;
}

/** Stands for an infinite priority, which JSON does not have. */
const maxPriority = Number.MAX_VALUE;

function toJson({ demand, ...holder }: Holder): HolderJson {
  if (demand.length === 0) return holder;
  return {
    ...holder,
    demand: demand.map(({ priority, calls, tokens, since }) => [
      Math.min(maxPriority, Math.max(-maxPriority, priority)),
      calls,
      tokens,
      since,
    ]),
  };
}

function toHolder({ demand = [], ...holder }: HolderJson): Holder {
  return {
    ...holder,
    demand: demand.map(([priority, calls, tokens, since]) => ({ priority, calls, tokens, since })),
  };
}
