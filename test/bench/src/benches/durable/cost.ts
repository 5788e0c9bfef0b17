import { randomUUID } from "node:crypto";
import { MemorySaver, type BaseCheckpointSaver } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Orchestra } from "@orchestra/core";
import { openRuntime, type Runtime } from "@orchestra/runtime";
import { callingGraph, inputOf, pipelines, steps } from "../../durable/pipelines.ts";
import type { Stage, Store } from "../../durable/stage.ts";
import { contestLatency, type Contestant } from "../../measure/contest.ts";
import { median } from "../../measure/statistics.ts";
import { createOrchestra } from "../clients.ts";
import { environmentFor } from "../environments.ts";

/** Typical duration of a model call, in milliseconds, with which the ratios are computed. */
export const modelMs = 1000;

export interface CostRow {
  readonly name: string;
  /** Milliseconds a run, with models that answer at once. */
  readonly ms: number;
  /** Milliseconds a run more than in memory, the median of the rounds. */
  readonly addedMs: number;
  /** Over the same in memory, with models that take {@link modelMs}. */
  readonly ratio: number;
}

export interface CostResult {
  readonly postgresRatio: number;
  readonly pgliteRatio: number;
  readonly postgresMs: number;
  readonly pgliteMs: number;
  readonly rounds: number;
  readonly rows: readonly CostRow[];
}

const names = {
  memory: "graph in memory",
  memorySaver: "graph, MemorySaver",
  postgresSaver: "graph, PostgresSaver",
  postgres: "run, PostgreSQL",
  pglite: "run, PGlite",
} as const;

/** What it costs that a run is kept, from its start to its end, where it is the only one. */
export async function benchCost(
  stage: Stage,
  modelUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<CostResult> {
  const rounds = quick ? 3 : 9;
  const orchestra = createOrchestra(modelUrl);
  const graph = callingGraph(orchestra);
  const { databaseUrl } = await stage.newPostgres();
  const postgresSaver = PostgresSaver.fromConnString(databaseUrl);
  try {
    await postgresSaver.setup();
    await using onPostgres = await openWorking(await stage.newPostgres(), modelUrl);
    await using onPglite = await openWorking(await stage.newPglite(), modelUrl);
    const figures = await contestLatency(
      [
        { name: names.memory, call: () => graph.invoke(inputOf(1)) },
        checkpointed(names.memorySaver, orchestra, new MemorySaver()),
        checkpointed(names.postgresSaver, orchestra, postgresSaver),
        durable(names.postgres, onPostgres),
        durable(names.pglite, onPglite),
      ],
      { rounds, calls: 20 },
    );
    const inMemory = figures.get(names.memory) ?? [];
    const rows = [...figures].map(([name, own]) => rowOf(name, own, inMemory));
    const row = (name: string) => rows.find((each) => each.name === name);
    return {
      postgresRatio: row(names.postgres)?.ratio ?? Number.NaN,
      pgliteRatio: row(names.pglite)?.ratio ?? Number.NaN,
      postgresMs: row(names.postgres)?.addedMs ?? Number.NaN,
      pgliteMs: row(names.pglite)?.addedMs ?? Number.NaN,
      rounds,
      rows,
    };
  } finally {
    await postgresSaver.end();
  }
}

function rowOf(name: string, own: readonly number[], inMemory: readonly number[]): CostRow {
  const callsMs = steps * modelMs;
  const pairs = own.map((ms, round) => ({ ms, memoryMs: inMemory[round] ?? Number.NaN }));
  return {
    name,
    ms: median(own),
    addedMs: median(pairs.map(({ ms, memoryMs }) => ms - memoryMs)),
    ratio: median(pairs.map(({ ms, memoryMs }) => (callsMs + ms) / (callsMs + memoryMs))),
  };
}

/** LangGraph's own way, which keeps each step before the next one begins. */
function checkpointed(
  name: string,
  orchestra: Orchestra,
  checkpointer: BaseCheckpointSaver,
): Contestant {
  const graph = callingGraph(orchestra, checkpointer);
  const call = () =>
    graph.invoke(inputOf(1), {
      configurable: { thread_id: randomUUID() },
      durability: "sync",
    });
  return { name, call };
}

function durable(name: string, runtime: Runtime): Contestant {
  const call = async () => {
    const { id } = await runtime.start("calling", inputOf(1));
    const { status } = await runtime.wait(id);
    if (status !== "succeeded") throw new Error(`A run has ${status}`);
  };
  return { name, call };
}

/** Starts, executes and waits, all in this process. */
async function openWorking(store: Store, modelUrl: string): Promise<Runtime> {
  const runtime = await openRuntime({
    pipelines: Object.values(pipelines),
    settings: store,
    environment: environmentFor(modelUrl),
  });
  await runtime.work();
  return runtime;
}
