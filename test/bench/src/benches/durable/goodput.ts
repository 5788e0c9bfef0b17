import { setTimeout as sleep } from "node:timers/promises";
import { steps } from "../../durable/pipelines.ts";
import { openProcesses } from "../../durable/processes.ts";
import type { Stage } from "../../durable/stage.ts";
import { leastTimeMs } from "../../measure/least-time.ts";
import { median } from "../../measure/statistics.ts";
import { startChild } from "../../servers/child.ts";
import type { Tally } from "../../servers/runtime.ts";
import type { Algorithm, SandboxBooks, SandboxesOptions } from "../../servers/sandboxes.ts";
import { goodputLimit } from "../goodput.ts";

export interface DurableGoodputRow {
  readonly algorithm: Algorithm;
  /** The least possible time over the time taken. */
  readonly ratio: number;
  readonly takenMs: number;
  readonly status429: number;
  /** Runs that failed, or were not done in time. */
  readonly lost: number;
}

export interface DurableGoodputResult {
  /** At the worse of the two servers. */
  readonly ratio: number;
  /** Of all rounds together. */
  readonly status429: number;
  readonly lost: number;
  readonly leastMs: number;
  readonly workers: number;
  readonly runs: number;
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
  const figures = new Map<Algorithm, Round[]>(algorithms.map((algorithm) => [algorithm, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [algorithm, own] of figures) own.push(await measure(stage, algorithm, runs));
  }
  const total = (field: "status429" | "lost") =>
    [...figures.values()].flat().reduce((sum, round) => sum + round[field], 0);
  const leastMs = leastTimeMs("fixed-window", steps * runs, goodputLimit);
  const rows = [...figures].map(([algorithm, own]): DurableGoodputRow => {
    const takenMs = median(own.map((round) => round.takenMs));
    return {
      algorithm,
      ratio: leastMs / takenMs,
      takenMs,
      status429: Math.max(...own.map(({ status429 }) => status429)),
      lost: Math.max(...own.map(({ lost }) => lost)),
    };
  });
  return {
    ratio: Math.min(...rows.map(({ ratio }) => ratio)),
    status429: total("status429"),
    lost: total("lost"),
    leastMs,
    workers,
    runs,
    rounds,
    rows,
  };
}

interface Round {
  readonly takenMs: number;
  readonly status429: number;
  readonly lost: number;
}

/** A round begins when a fixed window does, and with a full bucket; the runs are started then. */
async function measure(stage: Stage, algorithm: Algorithm, runs: number): Promise<Round> {
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
  await Promise.all(processes.all.map(({ obey }) => obey({ do: "work" })));
  const startAt = Math.ceil(Date.now() / windowMs) * windowMs;
  await sleep(startAt - Date.now());
  const leastMs = leastTimeMs("fixed-window", steps * runs, goodputLimit);
  await processes.first.obey({ do: "start", pipeline: "calling", runs });
  const { succeeded, endedAt } = await processes.first.obey<Tally>({
    do: "tally",
    withinMs: 2 * leastMs,
  });
  const { status429 } = await server.ask<SandboxBooks>(0);
  return { takenMs: (endedAt.at(-1) ?? Infinity) - startAt, status429, lost: runs - succeeded };
}
