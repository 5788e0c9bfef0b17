/** One of the peers in a separate process. By messages, it starts runs, executes them and reports their results. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { HumanMessage } from "@langchain/core/messages";
import type { RunnableConfig } from "@langchain/core/runnables";
import { createOrchestra, maxTokens } from "../benches/clients.ts";
import { openDbosDirect, openDbosQueue } from "../durable/peers/dbos.ts";
import { openLangGraph, openLangGraphInMemory } from "../durable/peers/langgraph.ts";
import { roles, type Peer, type PeerOptions, type Role } from "../durable/peers/peer.ts";
import { openPgBoss } from "../durable/peers/pg-boss.ts";
import { inputOf } from "../durable/pipelines.ts";
import { callAtOnce } from "../measure/contest.ts";
import { optionsFromParent, serveParent } from "./child.ts";

const peers = {
  dbosQueue: openDbosQueue,
  dbosDirect: openDbosDirect,
  langGraph: openLangGraph,
  langGraphInMemory: openLangGraphInMemory,
  pgBoss: openPgBoss,
} as const satisfies Record<string, (options: PeerOptions) => Promise<Peer>>;
export type PeerName = keyof typeof peers;

export interface PeerProcessOptions {
  readonly peer: PeerName;
  readonly databaseUrl: string;
  readonly modelUrl: string;
}

export type PeerOrder =
  /** Starts this number of runs, ten at a time. */
  | { readonly do: "start"; readonly runs: number }
  | { readonly do: "work" }
  | { readonly do: "drain" }
  /** Waits until the runs that were started last have ended. Returns the time of all of them, in milliseconds. */
  | { readonly do: "tally"; readonly withinMs: number }
  /** Starts one run. */
  | { readonly do: "start-one" }
  /** When a run began, which may be later, by a clock that all processes of a machine have in common. */
  | { readonly do: "begun"; readonly id: string };

export interface StartedOne {
  readonly id: string;
  /** In nanoseconds. */
  readonly calledAt: string;
  readonly startedAt: string;
}

const { peer: name, databaseUrl, modelUrl } = optionsFromParent() as PeerProcessOptions;
const orchestra = createOrchestra(modelUrl);
const models = new Map(roles.map((role) => [role, orchestra.modelFor(role, { maxTokens })]));

async function ask(role: Role, text: string, config?: RunnableConfig): Promise<string> {
  const model = models.get(role) ?? orchestra.modelFor(role, { maxTokens });
  return (await model.invoke([new HumanMessage(text)], config)).text;
}

const beginnings = new Map<string, PromiseWithResolvers<string>>();

function beginningOf(id: string): PromiseWithResolvers<string> {
  const beginning = beginnings.get(id) ?? Promise.withResolvers<string>();
  beginnings.set(id, beginning);
  return beginning;
}

const peer: Peer = await peers[name]({
  databaseUrl,
  ask,
  onBegin: (id) => beginningOf(id).resolve(now()),
});
let started: readonly string[] = [];

function obey(order: PeerOrder): Promise<unknown> {
  switch (order.do) {
    case "start":
      return start(order.runs);
    case "work":
      return peer.work();
    case "drain":
      return peer.drain();
    case "tally":
      return tally(order.withinMs);
    case "start-one":
      return startOne();
    case "begun":
      return beginningOf(order.id).promise;
  }
}

async function start(runs: number): Promise<void> {
  const ids = Array.from({ length: runs }, () => randomUUID());
  await callAtOnce((index) => peer.start({ id: ids[index] ?? "", ...inputOf(index) }), runs, 10);
  started = ids;
}

async function tally(withinMs: number): Promise<number> {
  const until = performance.now() + withinMs;
  for (;;) {
    const { ended, tookMs } = await peer.tally(started);
    if (ended === started.length) return tookMs;
    if (performance.now() > until) {
      throw new Error(`${started.length - ended} of ${started.length} runs have not ended`);
    }
    await sleep(50);
  }
}

async function startOne(): Promise<StartedOne> {
  const id = randomUUID();
  const calledAt = now();
  await peer.start({ id, ...inputOf(0) });
  return { id, calledAt, startedAt: now() };
}

function now(): string {
  return String(process.hrtime.bigint());
}

serveParent({}, (order) => obey(order as PeerOrder));
