import type { PipelineName } from "../../durable/pipelines.ts";
import { openProcesses, type RuntimeProcess } from "../../durable/processes.ts";
import type { Stage } from "../../durable/stage.ts";
import { median } from "../../measure/statistics.ts";
import type { Tally } from "../../servers/runtime.ts";

export interface ThroughputRow {
  readonly store: "PostgreSQL" | "PGlite";
  /** Worker processes. */
  readonly workers: number;
  /** Of three steps that call a model each. */
  readonly runsPerSecond: number;
  /** The same without the calls. */
  readonly silentRunsPerSecond: number;
}

export interface ThroughputResult {
  readonly rows: readonly ThroughputRow[];
  /** Runs of a round. */
  readonly runs: { readonly postgres: number; readonly pglite: number };
  readonly rounds: number;
}

interface Contender {
  readonly store: ThroughputRow["store"];
  readonly processes: readonly RuntimeProcess[];
  readonly runs: number;
  readonly figures: { readonly calling: number[]; readonly silent: number[] };
}

const workers = [1, 2, 4] as const;
const most = Math.max(...workers);

/** How many runs a second worker processes execute if the queue is never empty. */
export async function benchThroughput(
  stage: Stage,
  modelUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<ThroughputResult> {
  const rounds = quick ? 1 : 3;
  const runs = quick ? { postgres: 100, pglite: 40 } : { postgres: 400, pglite: 150 };
  await using onPostgres = await openProcesses(most, {
    store: await stage.newPostgres(),
    modelUrl,
  });
  await using onPglite = await openProcesses(1, { store: await stage.newPglite(), modelUrl });
  const contenders: readonly Contender[] = [
    ...workers.map((count) => ({
      store: "PostgreSQL" as const,
      processes: onPostgres.all.slice(0, count),
      runs: runs.postgres,
      figures: { calling: [], silent: [] },
    })),
    {
      store: "PGlite",
      processes: onPglite.all,
      runs: runs.pglite,
      figures: { calling: [], silent: [] },
    },
  ];
  for (const pipeline of ["calling", "silent"] as const) {
    for (const { all } of [onPostgres, onPglite]) await runsPerSecond(all, pipeline, 20 * most);
    for (let round = 0; round < rounds; round += 1) {
      for (const { processes, runs: count, figures } of contenders) {
        figures[pipeline].push(await runsPerSecond(processes, pipeline, count));
      }
    }
  }
  return {
    rows: contenders.map(({ store, processes, figures }) => ({
      store,
      workers: processes.length,
      runsPerSecond: median(figures.calling),
      silentRunsPerSecond: median(figures.silent),
    })),
    runs,
    rounds,
  };
}

/** The queue is filled before the workers start. */
export async function runsPerSecond(
  processes: readonly RuntimeProcess[],
  pipeline: PipelineName,
  runs: number,
): Promise<number> {
  const [first] = processes;
  if (!first) return Number.NaN;
  await first.obey({ do: "start", pipeline, runs });
  await Promise.all(processes.map(({ obey }) => obey({ do: "work" })));
  const { succeeded, tookMs } = await first.obey<Tally>({ do: "tally", withinMs: 300_000 });
  await Promise.all(processes.map(({ obey }) => obey({ do: "drain" })));
  if (succeeded < runs) throw new Error(`${runs - succeeded} of ${runs} runs did not succeed`);
  return (runs * 1000) / tookMs;
}
