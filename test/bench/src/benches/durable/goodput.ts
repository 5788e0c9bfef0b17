import { setTimeout as sleep } from "node:timers/promises";
import { steps } from "../../durable/pipelines.ts";
import { openProcesses, type Processes } from "../../durable/processes.ts";
import type { Stage } from "../../durable/stage.ts";
import { leastTimeMs } from "../../measure/least-time.ts";
import { median } from "../../measure/statistics.ts";
import { startChild } from "../../servers/child.ts";
import type { Order, Tally } from "../../servers/runtime.ts";
import type { Algorithm, SandboxBooks, SandboxesOptions } from "../../servers/sandboxes.ts";
import { goodputLimit } from "../goodput.ts";

export interface DurableGoodputRow {
  readonly algorithm: Algorithm;
  /** Whether the processes had worked before; those that have just begun compile their code in the meantime. */
  readonly isWarm: boolean;
  /** The least possible time over the time taken. */
  readonly ratio: number;
  readonly takenMs: number;
  readonly status429: number;
  /** Runs that failed, or were not done in time. */
  readonly lost: number;
}

export interface DurableGoodputResult {
  /** At the worse of the two servers, of processes that had worked before. */
  readonly ratio: number;
  /** Of all rounds together. */
  readonly status429: number;
  readonly lost: number;
  readonly leastMs: number;
  readonly workers: number;
  readonly runs: number;
  /** Of warm processes, at each server; one more comes before them. */
  readonly rounds: number;
  readonly rows: readonly DurableGoodputRow[];
}

const workers = 4;
const algorithms = ["fixed-window", "token-bucket"] as const;

/** Runs of three calls on four worker processes, whose account allows sixty requests a window. */
export async function benchDurableGoodput(
  stage: Stage,
  { quick }: { readonly quick: boolean },
): Promise<DurableGoodputResult> {
  const rounds = quick ? 1 : 3;
  const runs = quick ? 60 : 100;
  const rows: DurableGoodputRow[] = [];
  for (const algorithm of algorithms) {
    const [cold, ...warm] = await measure(stage, algorithm, { runs, rounds: 1 + rounds });
    rows.push(rowOf(cold ? [cold] : [], { algorithm, isWarm: false, runs }));
    rows.push(rowOf(warm, { algorithm, isWarm: true, runs }));
  }
  return {
    ratio: Math.min(...rows.filter(({ isWarm }) => isWarm).map(({ ratio }) => ratio)),
    status429: rows.reduce((sum, row) => sum + row.status429, 0),
    lost: rows.reduce((sum, row) => sum + row.lost, 0),
    leastMs: leastMsOf(runs),
    workers,
    runs,
    rounds,
    rows,
  };
}

function rowOf(
  rounds: readonly Round[],
  { runs, ...what }: Pick<DurableGoodputRow, "algorithm" | "isWarm"> & { readonly runs: number },
): DurableGoodputRow {
  const takenMs = median(rounds.map((round) => round.takenMs));
  const total = (field: "status429" | "lost") =>
    rounds.reduce((sum, round) => sum + round[field], 0);
  return {
    ...what,
    ratio: leastMsOf(runs) / takenMs,
    takenMs,
    status429: total("status429"),
    lost: total("lost"),
  };
}

interface Round {
  readonly takenMs: number;
  readonly status429: number;
  readonly lost: number;
}

/** Rounds of the same processes, one after the other. */
async function measure(
  stage: Stage,
  algorithm: Algorithm,
  { runs, rounds }: { readonly runs: number; readonly rounds: number },
): Promise<Round[]> {
  const { requests, windowMs } = goodputLimit;
  const options: SandboxesOptions = {
    requestsPerWindow: requests,
    windowMs,
    sandboxes: [{ algorithm, aheadMs: 0 }],
  };
  await using server = await startChild<readonly string[]>("sandboxes.ts", options);
  await using processes = await openProcesses(workers, {
    store: await stage.newPostgres(),
    modelUrl: server.address[0] ?? "",
    limit: goodputLimit,
  });
  const measured: Round[] = [];
  let refused = 0;
  while (measured.length < rounds) {
    const { takenMs, succeeded } = await takeRound(processes, runs);
    const { status429 } = await server.ask<SandboxBooks>(0);
    measured.push({ takenMs, status429: status429 - refused, lost: runs - succeeded });
    refused = status429;
  }
  return measured;
}

/** The runs are in the queue when the workers begin, which is when a fixed window does. */
async function takeRound({ all, first }: Processes, runs: number) {
  const { windowMs } = goodputLimit;
  await first.obey({ do: "start", pipeline: "calling", runs });
  // After a whole window without a request: a bucket is full by then.
  const startAt = (Math.ceil(Date.now() / windowMs) + 1) * windowMs;
  await sleep(startAt - Date.now());
  // All at once: with fewer calls that wait than a window has slots, slots would wait for runs.
  const work: Order = { do: "work", concurrency: Math.ceil(runs / all.length) };
  await Promise.all(all.map(({ obey }) => obey(work)));
  const order: Order = { do: "tally", withinMs: 2 * leastMsOf(runs) };
  const { succeeded, endedAt } = await first.obey<Tally>(order);
  await Promise.all(all.map(({ obey }) => obey({ do: "drain" })));
  return { takenMs: (endedAt.at(-1) ?? Infinity) - startAt, succeeded };
}

function leastMsOf(runs: number): number {
  return leastTimeMs("fixed-window", steps * runs, goodputLimit);
}
