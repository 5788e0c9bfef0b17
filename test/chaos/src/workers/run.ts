import { setTimeout as sleep } from "node:timers/promises";
import type { Runtime } from "@orchestra/runtime";
import { factOf } from "../facts.ts";
import { createRandom } from "../random.ts";
import type { Outage } from "./booked-calls.ts";
import { examine, type Findings } from "./examine.ts";
import { killWorkers, restartDatabase } from "./havoc.ts";
import { setStage, type Stage } from "./stage.ts";

export interface WorkerChaosOptions {
  readonly seed: number;
  readonly runs: number;
  readonly workers: number;
  /** Maximum runs of a worker at one time. */
  readonly concurrency: number;
  /** Mean time between two kills, in milliseconds. */
  readonly killEveryMs: number;
  /** Called with lines of progress. */
  readonly onProgress?: (line: string) => void;
}

export interface WorkerChaosResult extends Findings {
  readonly options: WorkerChaosOptions;
  readonly durationMs: number;
}

const lookMs = 250;
const progressMs = 5000;

/** Executes runs on workers that are killed again and again, and checks the results. */
export async function runWorkerChaos(options: WorkerChaosOptions): Promise<WorkerChaosResult> {
  await using stage = await setStage(options);
  const startedAt = performance.now();
  const outages = await live(stage, options);
  const durationMs = Math.round(performance.now() - startedAt);
  const stuck = await stage.fleet.close();
  const findings = await examine(stage, { ...options, outages, stuck });
  return { ...findings, options, durationMs };
}

/** Starts the runs and the kills, and waits until all runs have ended, or for the time limit. */
async function live(stage: Stage, options: WorkerChaosOptions): Promise<Outage[]> {
  const { seed, runs, killEveryMs, onProgress } = options;
  const over = new AbortController();
  const random = createRandom(seed);
  const killing = killWorkers(stage, { random, killEveryMs, signal: over.signal });
  const outages: Outage[] = [];
  const startedAt = performance.now();
  let toldAt = startedAt;
  try {
    await startRuns(stage.runtime, options);
    for (;;) {
      await sleep(lookMs);
      const ended = await endedOf(stage.runtime);
      const now = performance.now();
      if (ended === undefined) continue;
      if (now - toldAt >= progressMs || ended === runs) {
        toldAt = now;
        onProgress?.(
          `${Math.round((now - startedAt) / 1000)} s: ${ended} of ${runs} runs ended, ${stage.fleet.kills.length} kills`,
        );
      }
      if (ended === runs || now - startedAt > maxDurationMs(options)) return outages;
      if (outages.length > 0 || ended < runs / 2) continue;
      onProgress?.("the database restarts");
      outages.push(await restartDatabase(stage, random));
    }
  } finally {
    over.abort();
    await killing;
  }
}

/** The time limit. A run that has not ended by then is lost. */
function maxDurationMs({ runs }: WorkerChaosOptions): number {
  return 60_000 + 3000 * runs;
}

async function startRuns(runtime: Runtime, { runs, seed }: WorkerChaosOptions): Promise<void> {
  for (let index = 0; index < runs; index += 1) {
    const { question } = factOf(index, seed);
    await runtime.start("lighthouse", { task: question }, { id: runIdOf(index) });
  }
}

export function runIdOf(index: number): string {
  return `run-${index}`;
}

/** Number of ended runs; `undefined` while the database is not available. */
async function endedOf({ database }: Runtime): Promise<number | undefined> {
  try {
    const [row] = await database.query<{ ended: string }>(
      `SELECT count(*) AS ended FROM "${database.schema}".runs WHERE ended_at IS NOT NULL`,
    );
    return Number(row?.ended);
  } catch {
    return undefined;
  }
}
