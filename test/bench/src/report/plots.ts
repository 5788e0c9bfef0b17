import { goodputLimit, pipelines, type GoodputResult } from "../benches/goodput.ts";
import type { OverheadRow } from "../benches/overhead/index.ts";
import { leastTimeMs } from "../measure/least-time.ts";
import type { Results } from "../results.ts";
import type { Algorithm } from "../servers/sandboxes.ts";
import { costTitle, peersTitle, throughputTitle } from "./durable.ts";
import { overheadTitle } from "./overhead.ts";
import { startTitle } from "./start.ts";
import { barChart, stepChart } from "./svg.ts";

export interface Plot {
  /** Name in `docs/benchmarks/`. */
  readonly file: string;
  readonly title: string;
  /** Title of the section that it belongs to. */
  readonly section: string;
  readonly svg: string;
}

export function plotsOf({ overhead, start, goodput, hedge, durable }: Results): readonly Plot[] {
  const plots: Plot[] = [];
  const add = (section: string, file: string, title: string, svg: string) =>
    plots.push({ section, file, title, svg });
  if (overhead) {
    const bars = (file: string, title: string, rows: readonly OverheadRow[]) =>
      add(overheadTitle, file, title, overheadBars(title, rows));
    bars("overhead-call.svg", "One call after another, times fetch", overhead.sequential);
    bars("overhead-stream.svg", "A stream of 50 chunks, times fetch", overhead.stream);
    bars("overhead-concurrent.svg", "64 calls at once, times fetch", overhead.concurrent);
  }
  if (start) {
    const title = "Milliseconds from the start of a process to its first answer";
    const bars = start.rows.map(({ name, ms: value }) => ({
      name,
      value,
      isOurs: name.startsWith("Orchestra"),
    }));
    add(startTitle, "start.svg", title, barChart(title, bars, " ms"));
  }
  if (goodput) {
    for (const algorithm of ["fixed-window", "token-bucket"] as const) {
      const title = `Answers over time, under a ${algorithm.replace("-", " ")}`;
      const svg = answersOverTime(title, goodput, algorithm);
      add("Goodput under the account's limit", `goodput-${algorithm}.svg`, title, svg);
    }
  }
  if (hedge) {
    const title = "The 99th percentile of a call, by when it is hedged";
    const bars = hedge.rows.map(({ name, p99Ms: value }) => ({
      name: name === "without" ? "no hedge" : `after ${name}`,
      value,
      isOurs: name !== "without",
    }));
    add("The tail, hedged", "hedge.svg", title, barChart(title, bars, " ms"));
  }
  if (durable) {
    const throughput = "Runs a second, of three calls each";
    const rates = durable.throughput.rows.map(({ store, workers, runsPerSecond: value }) => ({
      name: `${store}, ${workers} worker${workers === 1 ? "" : "s"}`,
      value,
      isOurs: true,
    }));
    add(throughputTitle, "durable-throughput.svg", throughput, barChart(throughput, rates, ""));
    const peers = "Runs a second of one worker, of three calls each";
    const peerRates = durable.peers.rows.map(({ name, runsPerSecond: value }) => ({
      name,
      value,
      isOurs: name.startsWith("Orchestra"),
    }));
    add(peersTitle, "durable-peers.svg", peers, barChart(peers, peerRates, ""));
    const cost = "Milliseconds a run of three calls that are answered at once";
    const times = durable.cost.rows.map(({ name, ms: value }) => ({
      name,
      value,
      isOurs: name.startsWith("run"),
    }));
    add(costTitle, "durable-cost.svg", cost, barChart(cost, times, " ms"));
  }
  return plots;
}

function overheadBars(title: string, rows: readonly OverheadRow[]): string {
  const bars = rows.map(({ name, vsFetch: value }) => ({
    name,
    value,
    isOurs: /^(completions|RoleModel|agent)/.test(name),
  }));
  return barChart(title, bars, "");
}

function answersOverTime(title: string, { rows }: GoodputResult, algorithm: Algorithm): string {
  const clients = rows.filter((row) => row.algorithm === algorithm);
  const least = Array.from({ length: 3 * pipelines }, (_, index) =>
    leastTimeMs(algorithm, index + 1, goodputLimit),
  );
  const last = Math.max(...clients.flatMap(({ answersAt }) => answersAt));
  return stepChart(
    title,
    [
      ...clients.map(({ name, answersAt }) => ({ name, stepsAt: answersAt })),
      { name: "least possible", stepsAt: least, isDashed: true },
    ],
    Math.ceil(last / 6000) * 6,
  );
}
