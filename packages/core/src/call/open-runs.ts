import { LRUCache } from "lru-cache";
import type { Budget } from "../resilience/budget/index.ts";

/** Runs whose budgets are kept; of more, the one that made no request for longest is forgotten. */
const maxRuns = 10_000;
const oneRun = { size: 1 } as const;

/** Closes the budgets of runs that have been quiet for longest: no call says when its run has ended. */
export class OpenRuns {
  readonly #runs: LRUCache<string, true>;

  constructor(budget: Budget) {
    this.#runs = new LRUCache({
      // With `max`, the memory of all entries would be taken at once.
      maxSize: maxRuns,
      noDisposeOnSet: true,
      dispose: (_, runId) => void budget.close("run", runId).catch(() => undefined),
    });
  }

  /** A request of the run is about to be made. */
  touch(runId: string): void {
    this.#runs.set(runId, true, oneRun);
  }
}
