import { parentPort } from "node:worker_threads";
import { simulate } from "./simulate.ts";
import { count, newTotals } from "./totals.ts";

/** Seeds to simulate, one after the other. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

parentPort?.on("message", (range: SeedRange) => {
  void work(range);
});

async function work({ from, count: seeds }: SeedRange): Promise<void> {
  const totals = newTotals();
  for (let seed = from; seed < from + seeds; seed += 1) count(totals, await simulate(seed));
  parentPort?.postMessage(totals);
}
