import { openRuntime, type ListRunsOptions, type Runtime } from "@orchestra/runtime";
import { fillStore, idOfFilled } from "../../durable/fill.ts";
import { inputOf, pipelines } from "../../durable/pipelines.ts";
import type { Stage, Store } from "../../durable/stage.ts";
import { contestLatency } from "../../measure/contest.ts";
import { median, medianRatio } from "../../measure/statistics.ts";
import { environmentFor } from "../environments.ts";

/** One thing that is asked of a store. */
export interface FullStoreRow {
  readonly store: "PostgreSQL" | "PGlite";
  readonly name: string;
  /** Milliseconds, where there are few runs. */
  readonly emptyMs: number;
  readonly fullMs: number;
  /** The full one's over the empty one's. */
  readonly ratio: number;
}

export interface FullStoreResult {
  /** Ratios on PostgreSQL; of lists, the worst. */
  readonly list: number;
  readonly get: number;
  readonly start: number;
  readonly events: number;
  readonly runs: number;
  readonly rounds: number;
  readonly rows: readonly FullStoreRow[];
}

/** Runs of the store that counts as empty: enough for a page of each list. */
export const fewRuns = 500;
/** Runs on a page. */
export const pageSize = 20;

/** How much ended runs slow down reads and starts of other runs. */
export async function benchFullStore(
  stage: Stage,
  modelUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<FullStoreResult> {
  const runs = quick ? 10_000 : 100_000;
  const rounds = quick ? 3 : 9;
  const rows: FullStoreRow[] = [];
  for (const [store, open] of [
    ["PostgreSQL", stage.newPostgres],
    ["PGlite", stage.newPglite],
  ] as const) {
    await using empty = await openFilled(await open(), modelUrl, fewRuns);
    await using full = await openFilled(await open(), modelUrl, runs);
    const askedOf = { empty: questionsFor(empty, fewRuns), full: questionsFor(full, runs) };
    for (const name of Object.keys(askedOf.empty)) {
      const contestants = (["empty", "full"] as const).map((which) => ({
        name: which,
        call: () => askedOf[which][name]?.() ?? Promise.reject(new Error(name)),
      }));
      const figures = await contestLatency(contestants, { rounds, calls: 40 });
      const [emptyMs = [], fullMs = []] = [figures.get("empty"), figures.get("full")];
      rows.push({
        store,
        name,
        emptyMs: median(emptyMs),
        fullMs: median(fullMs),
        ratio: medianRatio(fullMs, emptyMs),
      });
    }
  }
  const worst = (kind: string) =>
    Math.max(
      ...rows
        .filter(({ store, name }) => store === "PostgreSQL" && name.startsWith(kind))
        .map(({ ratio }) => ratio),
    );
  return {
    list: worst("list"),
    get: worst("get"),
    start: worst("start"),
    events: worst("events"),
    runs,
    rounds,
    rows,
  };
}

/** A store with this number of ended runs: one was executed there, the others are copies of it. */
async function openFilled(store: Store, modelUrl: string, runs: number): Promise<Runtime> {
  const runtime = await openRuntime({
    pipelines: Object.values(pipelines),
    // A store is filled by a few long statements.
    settings: { ...store, databaseTimeoutMs: 600_000 },
    environment: environmentFor(modelUrl),
  });
  const worker = await runtime.work();
  const { id } = await runtime.start("calling", inputOf(0));
  const template = await runtime.wait(id);
  await worker.drain();
  await fillStore(runtime.database, template, runs);
  for (let number = 1; number <= pageSize; number += 1) {
    await runtime.start("calling", inputOf(number));
  }
  return runtime;
}

/** What is asked, and of whom: each time of another run. */
function questionsFor(runtime: Runtime, runs: number) {
  const any = () => idOfFilled(1 + Math.floor(Math.random() * runs));
  const page = (options: ListRunsOptions) => async () =>
    void (await runtime.list({ limit: pageSize, ...options }));
  const second = async () => {
    const { next } = await runtime.list({ limit: pageSize });
    await page({ after: next })();
  };
  const pipeline = "pipeline-1";
  const questions: Readonly<Record<string, () => Promise<void>>> = {
    list: page({}),
    "list, two pages": second,
    "list, succeeded": page({ status: "succeeded" }),
    "list, cancelled": page({ status: "cancelled" }),
    "list, under way": page({ status: ["queued", "running", "waiting"] }),
    "list, failed or cancelled": page({ status: ["failed", "cancelled"] }),
    "list, one pipeline": page({ pipeline }),
    "list, one pipeline, succeeded": page({ pipeline, status: "succeeded" }),
    "list, one pipeline, cancelled": page({ pipeline, status: "cancelled" }),
    get: async () => void (await runtime.get(any())),
    events: async () => {
      for await (const _ of runtime.events(any()));
    },
    start: async () => void (await runtime.start("calling", inputOf(1))),
  };
  return questions;
}
