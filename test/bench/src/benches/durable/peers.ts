import { setTimeout as sleep } from "node:timers/promises";
import { openProcesses } from "../../durable/processes.ts";
import type { Stage } from "../../durable/stage.ts";
import { rotated, type Rounds } from "../../measure/contest.ts";
import { median, medianRatio, percentile } from "../../measure/statistics.ts";
import { startChild, type ChildServer } from "../../servers/child.ts";
import type { PeerName, PeerOrder, PeerProcessOptions, StartedOne } from "../../servers/peer.ts";
import type { StartLatency } from "./start-latency.ts";
import { runsPerSecond } from "./throughput.ts";

/** Of the two ways to write a run of ours. */
export interface OurRates {
  readonly graph: number;
  readonly function: number;
}

export interface PeerRow {
  readonly name: string;
  readonly runsPerSecond: number;
  /** Ours over theirs, the median of the rounds. */
  readonly ratios: OurRates;
  /** From the call that starts a run to the run's first line. */
  readonly startLatency: StartLatency;
}

export interface PeersResult {
  /** Runs a second of our worker over those of the peer's. */
  readonly vsDbos: OurRates;
  readonly vsDbosDirect: OurRates;
  readonly vsLangGraph: OurRates;
  readonly vsPgBoss: OurRates;
  /** LangGraph in memory over pg-boss alone: the most that `vsPgBoss` can be for a graph. */
  readonly inMemoryVsPgBoss: number;
  /** Ours are the first ones. */
  readonly rows: readonly PeerRow[];
  readonly runs: number;
  readonly starts: number;
  readonly rounds: number;
}

const names = {
  graph: "Orchestra, a graph",
  function: "Orchestra, a function",
  dbosQueue: "DBOS, from its queue",
  dbosDirect: "DBOS, without a queue",
  langGraph: "LangGraph, PostgresSaver",
  langGraphInMemory: "LangGraph, MemorySaver",
  pgBoss: "pg-boss alone",
} as const satisfies Record<PeerName | keyof OurRates, string>;
const peerNames: readonly PeerName[] = [
  "dbosQueue",
  "dbosDirect",
  "langGraph",
  "langGraphInMemory",
  "pgBoss",
];
/** Their runs can be started by another process than the worker. */
const queued: readonly PeerName[] = ["dbosQueue", "pgBoss"];
const warmUpRuns = 40;
const warmUpStarts = 20;

interface Contender {
  readonly name: string;
  /** Executes this number of runs. Resolves to the runs per second. */
  readonly measure: (runs: number) => Promise<number>;
}

type PeerProcess = Pick<ChildServer<unknown>, "ask">;

/** One worker of Orchestra and one of each peer, on the same PostgreSQL server. */
export async function benchPeers(
  stage: Stage,
  modelUrl: string,
  { quick, ourLatency }: { readonly quick: boolean; readonly ourLatency: StartLatency },
): Promise<PeersResult> {
  const rounds = quick ? 1 : 3;
  const runs = quick ? 40 : 200;
  const starts = quick ? 10 : 60;
  await using stack = new AsyncDisposableStack();
  const { all } = stack.use(await openProcesses(1, { store: await stage.newPostgres(), modelUrl }));
  const contenders: Contender[] = [
    { name: names.graph, measure: (count) => runsPerSecond(all, "calling", count) },
    { name: names.function, measure: (count) => runsPerSecond(all, "function", count) },
  ];
  const latencies = new Map<string, StartLatency>([
    [names.graph, ourLatency],
    [names.function, ourLatency],
  ]);
  for (const peer of peerNames) {
    const { databaseUrl } = await stage.newPostgres();
    const options: PeerProcessOptions = { peer, databaseUrl, modelUrl };
    const worker = stack.use(await startChild("peer.ts", options));
    latencies.set(names[peer], await startLatencyOf(worker, options, starts));
    contenders.push({ name: names[peer], measure: (count) => peerRunsPerSecond(worker, count) });
  }
  for (const { measure } of contenders) await measure(warmUpRuns);
  const figures = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, measure } of rotated(contenders, round)) {
      figures.get(name)?.push(await measure(runs));
    }
  }
  return { ...resultOf(figures, latencies), runs, starts, rounds };
}

/** The queue is filled before the workers start. */
async function peerRunsPerSecond(worker: PeerProcess, runs: number): Promise<number> {
  const obey = <Answer>(order: PeerOrder) => worker.ask<Answer>(order);
  await obey({ do: "start", runs });
  await obey({ do: "work" });
  const tookMs = await obey<number>({ do: "tally", withinMs: 120_000 });
  await obey({ do: "drain" });
  return (runs * 1000) / tookMs;
}

/** Of runs one after another, at any point of what happens by the clock. */
async function startLatencyOf(
  worker: PeerProcess,
  options: PeerProcessOptions,
  starts: number,
): Promise<StartLatency> {
  await using other = queued.includes(options.peer)
    ? await startChild("peer.ts", options)
    : undefined;
  const starter: PeerProcess = other ?? worker;
  const figures: { readonly startedMs: number; readonly begunMs: number }[] = [];
  await worker.ask({ do: "work" } satisfies PeerOrder);
  for (let number = -warmUpStarts; number < starts; number += 1) {
    await sleep(20 + Math.random() * 80);
    const order: PeerOrder = { do: "start-one" };
    const { id, calledAt, startedAt } = await starter.ask<StartedOne>(order);
    const begunAt = await worker.ask<string>({ do: "begun", id } satisfies PeerOrder);
    if (number < 0) continue;
    figures.push({ startedMs: ms(calledAt, startedAt), begunMs: ms(calledAt, begunAt) });
  }
  await worker.ask({ do: "drain" } satisfies PeerOrder);
  const begunMs = figures.map((figure) => figure.begunMs);
  return {
    p50Ms: median(begunMs),
    p95Ms: percentile(begunMs, 95),
    startedMs: median(figures.map(({ startedMs }) => startedMs)),
  };
}

function ms(fromNs: string, toNs: string): number {
  return Number(BigInt(toNs) - BigInt(fromNs)) / 1e6;
}

function resultOf(
  figures: Rounds,
  latencies: ReadonlyMap<string, StartLatency>,
): Omit<PeersResult, "runs" | "starts" | "rounds"> {
  const unknown = { p50Ms: Number.NaN, p95Ms: Number.NaN, startedMs: Number.NaN };
  const of = (name: keyof typeof names) => figures.get(names[name]) ?? [];
  const ratiosTo = (theirs: readonly number[]): OurRates => ({
    graph: medianRatio(of("graph"), theirs),
    function: medianRatio(of("function"), theirs),
  });
  return {
    vsDbos: ratiosTo(of("dbosQueue")),
    vsDbosDirect: ratiosTo(of("dbosDirect")),
    vsLangGraph: ratiosTo(of("langGraph")),
    vsPgBoss: ratiosTo(of("pgBoss")),
    inMemoryVsPgBoss: medianRatio(of("langGraphInMemory"), of("pgBoss")),
    rows: [...figures].map(([name, theirs]) => ({
      name,
      runsPerSecond: median(theirs),
      ratios: ratiosTo(theirs),
      startLatency: latencies.get(name) ?? unknown,
    })),
  };
}
