import { openProcesses } from "../../durable/processes.ts";
import type { Stage, Store } from "../../durable/stage.ts";
import { median, percentile } from "../../measure/statistics.ts";
import type { Beginning } from "../../servers/runtime.ts";

/** How soon a run begins on an idle system, in milliseconds from the call of `start()`. */
export interface StartLatency {
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** The median until `start()` has resolved, and the run is in the database. */
  readonly startedMs: number;
}

export interface StartLatencyResult {
  readonly postgres: StartLatency;
  readonly pglite: StartLatency;
  readonly runs: number;
}

/** From `start()` to the pipeline's first line, where nothing else is to be done. */
export async function benchStartLatency(
  stage: Stage,
  modelUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<StartLatencyResult> {
  const runs = quick ? 50 : 200;
  // On PostgreSQL one process starts the runs, and another works.
  const postgres = await measure(await stage.newPostgres(), 2, modelUrl, runs);
  const pglite = await measure(await stage.newPglite(), 1, modelUrl, runs);
  return { postgres, pglite, runs };
}

async function measure(
  store: Store,
  count: number,
  modelUrl: string,
  runs: number,
): Promise<StartLatency> {
  await using processes = await openProcesses(count, { store, modelUrl });
  await processes.all.at(-1)?.obey({ do: "work" });
  await processes.first.obey({ do: "begin", runs: 30 });
  const beginnings = await processes.first.obey<readonly Beginning[]>({ do: "begin", runs });
  const begunMs = beginnings.map((beginning) => beginning.begunMs);
  return {
    p50Ms: median(begunMs),
    p95Ms: percentile(begunMs, 95),
    startedMs: median(beginnings.map(({ startedMs }) => startedMs)),
  };
}
