import { Worker } from "node:worker_threads";
import { merge, newTotals, type Totals } from "./totals.ts";
import type { SeedRange } from "./worker.ts";

export interface RunSeedsOptions {
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  readonly onProgress?: (totals: Totals) => void;
}

/** Seeds that a worker gets at one time. */
const rangeSize = 50;

/** Simulates many seeds in worker threads. */
export async function runSeeds(options: RunSeedsOptions): Promise<Totals> {
  const { from, seeds, workers, onProgress } = options;
  const totals = newTotals();
  const ranges: SeedRange[] = [];
  for (let done = 0; done < seeds; done += rangeSize) {
    ranges.push({ from: from + done, count: Math.min(rangeSize, seeds - done) });
  }
  const take = (counted: Totals): void => {
    merge(totals, counted);
    onProgress?.(totals);
  };
  const threads = Math.min(workers, ranges.length);
  await Promise.all(Array.from({ length: threads }, () => runWorker(ranges, take)));
  totals.failed.sort((a, b) => a.seed - b.seed);
  return totals;
}

/** Gives one worker range after range, until none is left. */
function runWorker(ranges: SeedRange[], take: (totals: Totals) => void): Promise<void> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const next = (): void => {
    const range = ranges.shift();
    if (range) worker.postMessage(range);
    else worker.terminate().then(() => resolve(), reject);
  };
  worker.on("message", (totals: Totals) => {
    take(totals);
    next();
  });
  worker.on("error", reject);
  next();
  return promise;
}
