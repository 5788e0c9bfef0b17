import type { QueueLoad, WaitingRequest } from "@orchestra/core/limits";
import type { DemandEntry } from "./sync-messages.ts";

/** The calls of one priority that wait in another process. */
export interface Demand extends QueueLoad {
  readonly priority: number;
  /** When the first of them was made, by the shared clock. */
  readonly since: number;
}

/** One instant by two clocks. */
export interface SyncInstant {
  /** By the shared clock. */
  readonly now: number;
  /** By the process's own clock: shortly before {@link SyncInstant.now}. */
  readonly sentAt: number;
}

export function toDemand([, priority, calls, tokens, since]: DemandEntry): Demand {
  return { priority, calls, tokens, since };
}

/** When a call was made, by the shared clock; the two clocks may differ by any amount. */
export function sinceOf(
  { askedAt }: Pick<WaitingRequest, "askedAt">,
  { now, sentAt }: SyncInstant,
): number {
  return now - Math.max(0, sentAt - askedAt);
}

/** The demands of other processes that go before a call: those of a higher priority, and those that have waited longer. */
export function demandsBefore(
  call: Pick<Demand, "priority" | "since">,
  elsewhere: readonly Demand[],
): readonly Demand[] {
  return elsewhere.filter(
    ({ priority, since }) =>
      priority > call.priority || (priority === call.priority && since < call.since),
  );
}

/**
 * The load of the calls in other processes that go before a call: all of a higher priority, and of the
 * same priority one from each process whose first call has waited longer. A process that requests more
 * often cannot starve the others, and processes need not know each call of the others.
 */
export function loadBefore(
  call: Pick<Demand, "priority" | "since">,
  elsewhere: readonly Demand[],
): QueueLoad {
  let calls = 0;
  let tokens = 0;
  for (const demand of demandsBefore(call, elsewhere)) {
    const isHigher = demand.priority > call.priority;
    calls += isHigher ? demand.calls : 1;
    tokens += isHigher ? demand.tokens : Math.ceil(demand.tokens / demand.calls);
  }
  return { calls, tokens };
}

/** JSON has no infinite numbers. */
export function finitePriority(priority: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, priority));
}
