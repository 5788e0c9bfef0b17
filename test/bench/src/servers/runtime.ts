/** A runtime in a separate process. By messages, it starts runs, executes them and reports their results. */
import { setTimeout as sleep } from "node:timers/promises";
import { openRuntime, type Worker } from "@orchestra/runtime";
import { environmentFor } from "../benches/environments.ts";
import { inputOf, pipelines, type PipelineName } from "../durable/pipelines.ts";
import type { Store } from "../durable/stage.ts";
import type { AccountLimit } from "../measure/least-time.ts";
import { optionsFromParent, serveParent } from "./child.ts";

export interface RuntimeProcessOptions {
  readonly store: Store;
  readonly modelUrl: string;
  /** The limit of the account. @defaultValue none */
  readonly limit?: AccountLimit;
}

export type Order =
  /** Starts this number of runs, ten at a time. */
  | { readonly do: "start"; readonly pipeline: PipelineName; readonly runs: number }
  /** Executes runs with this concurrency. @defaultValue that of a worker */
  | { readonly do: "work"; readonly concurrency?: number }
  | { readonly do: "drain" }
  /** Waits until no run is left, or for the time limit. Returns the results of the runs that were started last. */
  | { readonly do: "tally"; readonly withinMs: number }
  /** Starts this number of runs, each after the end of the one before. Returns how soon each began. */
  | { readonly do: "begin"; readonly runs: number };

/** How runs went that were started together. */
export interface Tally {
  readonly succeeded: number;
  /** From the start of the first to the end of the last, in milliseconds. */
  readonly tookMs: number;
  /** When each of them ended, in milliseconds since the epoch. */
  readonly endedAt: readonly number[];
}

/** How soon a run began, in milliseconds from the call of `start()`. */
export interface Beginning {
  /** `start()` had resolved: the run was in the database. */
  readonly startedMs: number;
  /** The pipeline itself began. */
  readonly begunMs: number;
}

const { store, modelUrl, limit } = optionsFromParent() as RuntimeProcessOptions;
const runtime = await openRuntime({
  pipelines: Object.values(pipelines),
  settings: store,
  environment: environmentFor(
    modelUrl,
    limit ? { LLM_REQUESTS_PER_MINUTE: String(limit.requests) } : {},
  ),
  ...(limit ? { limits: { windowMs: limit.windowMs } } : {}),
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
let worker: Worker | undefined;
let started: readonly string[] = [];

function obey(order: Order): Promise<unknown> {
  switch (order.do) {
    case "start":
      return start(order.pipeline, order.runs);
    case "work":
      return work(order.concurrency);
    case "drain":
      return drain();
    case "tally":
      return tally(order.withinMs);
    case "begin":
      return begin(order.runs);
  }
}

async function start(pipeline: PipelineName, runs: number): Promise<void> {
  const ids: string[] = [];
  const startNext = async () => {
    while (ids.length < runs) {
      const number = ids.push("") - 1;
      ids[number] = (await runtime.start(pipeline, inputOf(number))).id;
    }
  };
  await Promise.all(Array.from({ length: 10 }, startNext));
  started = ids;
}

async function work(concurrency: number | undefined): Promise<void> {
  worker = await runtime.work({ concurrency });
}

async function drain(): Promise<void> {
  await worker?.drain();
}

async function tally(withinMs: number): Promise<Tally> {
  const until = performance.now() + withinMs;
  const isBusy = async () => {
    const { runs } = await runtime.list({ status: ["queued", "running", "waiting"], limit: 1 });
    return runs.length > 0;
  };
  while (performance.now() < until && (await isBusy())) await sleep(50);
  const [row] = await runtime.database.query<Tally>(
    `SELECT count(*) FILTER (WHERE status = 'succeeded')::integer AS succeeded,
       extract(epoch FROM max(ended_at) - min(started_at))::double precision * 1000 AS "tookMs",
       coalesce(
         array_agg(extract(epoch FROM ended_at)::double precision * 1000 ORDER BY ended_at)
           FILTER (WHERE status = 'succeeded'),
         '{}'
       ) AS "endedAt"
     FROM "${runtime.database.schema}".runs WHERE id = ANY($1)`,
    [started],
  );
  if (!row) throw new Error("The runs are gone");
  return row;
}

async function begin(runs: number): Promise<readonly Beginning[]> {
  const beginnings: Beginning[] = [];
  for (let number = 0; number < runs; number += 1) {
    // At any point of what happens by the clock.
    await sleep(20 + Math.random() * 80);
    const calledAt = process.hrtime.bigint();
    const { id } = await runtime.start("begun", inputOf(number));
    const startedAt = process.hrtime.bigint();
    const { output } = await runtime.wait(id);
    const begunAt = BigInt((output as { atNs: string }).atNs);
    beginnings.push({ startedMs: ms(startedAt - calledAt), begunMs: ms(begunAt - calledAt) });
  }
  return beginnings;
}

function ms(ns: bigint): number {
  return Number(ns) / 1e6;
}

serveParent({}, (order) => obey(order as Order));
