import { LRUCache } from "lru-cache";
import type { Budget } from "../resilience/budget/index.ts";
import type { RunScope } from "./run-scope.ts";

const maxRuns = 10_000;
const oneRun = { size: 1 } as const;

/**
 * Ids of runs that Orchestra has made itself, one for an invocation that names no run. No later invocation
 * belongs to such a run.
 */
export const madeRuns = {
  /** Whether a budget needs them. */
  areNeeded: false,
  // With `max`, the cache would allocate the memory of all entries at once.
  ids: new LRUCache<string, true>({ maxSize: maxRuns }),
};

/** The scope of a call without a run: it gets a new run. */
export function scopeOfNewRun(runId: string, traceId: string | undefined): RunScope {
  return { runId, traceId: traceId ?? runId, isOneCall: true, onEvent: undefined };
}

/**
 * Closes the budgets of runs that Orchestra has created itself: above 10,000 runs, it closes the least recently
 * used. The budget of a run that the caller names stays open until the caller ends the run.
 */
export class OpenRuns {
  readonly #runs: LRUCache<string, true>;

  constructor(budget: Budget) {
    madeRuns.areNeeded = true;
    this.#runs = new LRUCache({
      maxSize: maxRuns,
      noDisposeOnSet: true,
      dispose: (_, runId) => void budget.close("run", runId).catch(() => undefined),
    });
  }

  /** A request of the run is about to be made. */
  touch(runId: string): void {
    if (madeRuns.ids.has(runId) || this.#runs.has(runId)) this.#runs.set(runId, true, oneRun);
  }
}
