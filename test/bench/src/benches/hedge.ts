import { HumanMessage } from "@langchain/core/messages";
import type { Environment } from "@orchestra/core";
import { callAtOnce } from "../measure/contest.ts";
import { median, medianRatio, percentile } from "../measure/statistics.ts";
import { startChild } from "../servers/child.ts";
import { usualMs, type TailBooks } from "../servers/tail.ts";
import { createOrchestra, maxTokens } from "./clients.ts";

export interface HedgeRow {
  readonly name: string;
  /** Milliseconds a call. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Over the same without a hedge. */
  readonly p99Ratio: number;
  /** Requests that the server got, over the same without a hedge. */
  readonly costRatio: number;
}

export interface HedgeResult {
  /** With `LLM_HEDGE_AFTER=p95`. */
  readonly p99Ratio: number;
  readonly costRatio: number;
  readonly calls: number;
  readonly rounds: number;
  readonly rows: readonly HedgeRow[];
}

/** Twice the usual time of the model, as a user would set it. */
const fixedSeconds = (2 * usualMs) / 1000;

const variants: readonly { readonly name: string; readonly environment: Environment }[] = [
  { name: "without", environment: {} },
  { name: "p95", environment: { LLM_HEDGE_AFTER: "p95" } },
  { name: `${fixedSeconds} s`, environment: { LLM_HEDGE_AFTER: String(fixedSeconds) } },
];

const atOnce = 16;
/** Calls by which a client learns how long the model takes. */
const learningCalls = 200;

interface Round {
  readonly times: readonly number[];
  readonly requests: number;
}

/** The tail of a model that answers one time in twenty ten times slower, with and without a hedge. */
export async function benchHedge({ quick }: { readonly quick: boolean }): Promise<HedgeResult> {
  await using server = await startChild<{ url: string }>("completions.ts");
  const rounds = quick ? 1 : 3;
  const calls = quick ? 300 : 1000;
  const figures = new Map<string, Round[]>(variants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { name, environment }] of variants.entries()) {
      // By the path the server draws the same chances for each, and others in each round.
      const path = `tail-${round + 1}-${index}`;
      const orchestra = createOrchestra(`${server.address.url}/${path}`, environment);
      const model = orchestra.modelFor("bench", { maxTokens });
      const times: number[] = [];
      const call = async () => {
        const startedAt = performance.now();
        await model.invoke([new HumanMessage("How long does the lamp charge?")]);
        times.push(performance.now() - startedAt);
      };
      await callAtOnce(call, learningCalls, atOnce);
      const before = await server.ask<TailBooks>(path);
      times.length = 0;
      await callAtOnce(call, calls, atOnce);
      const after = await server.ask<TailBooks>(path);
      figures.get(name)?.push({ times, requests: after.requests - before.requests });
    }
  }
  const rows = variants.map(({ name }) => rowOf(name, figures));
  const adaptive = rows.find(({ name }) => name === "p95");
  return {
    p99Ratio: adaptive?.p99Ratio ?? Number.NaN,
    costRatio: adaptive?.costRatio ?? Number.NaN,
    calls,
    rounds,
    rows,
  };
}

function rowOf(name: string, figures: ReadonlyMap<string, readonly Round[]>): HedgeRow {
  const own = figures.get(name) ?? [];
  const without = figures.get("without") ?? [];
  const p99 = (each: readonly Round[]) => each.map(({ times }) => percentile(times, 99));
  const requests = (each: readonly Round[]) => each.map(({ requests: count }) => count);
  const at = (percent: number) => median(own.map(({ times }) => percentile(times, percent)));
  return {
    name,
    p50Ms: at(50),
    p95Ms: at(95),
    p99Ms: at(99),
    p99Ratio: medianRatio(p99(own), p99(without)),
    costRatio: medianRatio(requests(own), requests(without)),
  };
}
