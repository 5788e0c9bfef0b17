import { LRUCache } from "lru-cache";
import type { Budget } from "../resilience/budget/index.ts";
import type { RunScope } from "./run-scope.ts";

const maxRuns = 10_000;
const oneRun = { size: 1 } as const;

/**
 * Ids of runs that Orchestra has generated, one for each invocation without a run id. No later invocation
 * belongs to such a run.
 */
export const madeRuns = {
  /** Whether budgets need these ids. */
  areNeeded: false,
  // With `max`, the cache would allocate the memory of all entries at once.
  ids: new LRUCache<string, true>({ maxSize: maxRuns }),
};

/** The scope of a call without a run: it gets a new run. */
export function scopeOfNewRun(runId: string, traceId: string | undefined): RunScope {
  return { runId, traceId: traceId ?? runId, isOneCall: true, onEvent: undefined };
}

/**
 * Closes the budgets of runs with generated ids: above 10,000 runs, it closes the least recently
 * used. The budget of a run with the caller's id stays open until the caller ends the run.
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

  /** Called before each request of the run. */
  touch(runId: string): void {
    if (madeRuns.ids.has(runId) || this.#runs.has(runId)) this.#runs.set(runId, true, oneRun);
  }
}
