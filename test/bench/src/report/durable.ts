import { modelMs, type CostResult } from "../benches/durable/cost.ts";
import { fewRuns, pageSize, type FullStoreResult } from "../benches/durable/full-store.ts";
import type { DurableGoodputResult } from "../benches/durable/goodput.ts";
import type { DurableResult } from "../benches/durable/index.ts";
import type { PeersResult } from "../benches/durable/peers.ts";
import type { StartLatencyResult } from "../benches/durable/start-latency.ts";
import { goodputLimit } from "../benches/goodput.ts";
import { kept } from "../durable/fill.ts";
import { atOnce, dbosPollMs } from "../durable/peers/peer.ts";
import { steps } from "../durable/pipelines.ts";
import { rounded } from "../measure/statistics.ts";
import { atLeast, atMost, noted, verdict, type Section } from "./section.ts";
import { table } from "./table.ts";

/** Titles, by which the plots find their sections. */
export const throughputTitle = "Durable runs: throughput";
export const peersTitle = "Durable runs: beside peers";
export const costTitle = "Durable runs: what keeping costs";

export function durableSections(result: DurableResult): readonly Section[] {
  return [
    throughputSection(result),
    startLatencySection(result.startLatency),
    peersSection(result.peers),
    goodputSection(result.goodput),
    costSection(result.cost),
    fullStoreSection(result.fullStore),
  ];
}

function throughputSection({ runsPerSecond, throughput }: DurableResult): Section {
  const { runs, rounds, rows } = throughput;
  const { postgres1, postgres2, postgres4, pglite } = runsPerSecond;
  return {
    title: throughputTitle,
    text: `A run is a LangGraph graph of ${steps} steps. Each step calls a model of the bare \`node:http\` server, which answers at once. The store keeps the run's start, events, answers, checkpoints and end.
${runs.postgres} runs on PostgreSQL, ${runs.pglite} on PGlite, are in the queue before the worker processes begin; each worker executes eight runs at a time. The figure is the number of runs over the time from the start of the first run to the end of the last one, the median of ${rounds} rounds.
The workers, the PostgreSQL server with its defaults (every commit is written to the disk) and the model server share the machine's cores. More processes execute more runs only until the cores are busy.
PGlite runs inside one process, which is also the worker.`,
    verdict: verdict([
      noted("`durable.runsPerSecond.postgres1`", postgres1),
      noted("`durable.runsPerSecond.postgres2`", postgres2),
      noted("`durable.runsPerSecond.postgres4`", postgres4),
      noted("`durable.runsPerSecond.pglite`", pglite),
    ]),
    tables: [
      {
        caption: "Runs a second",
        table: table(
          ["store", "worker processes", "with three calls", "without calls"],
          rows.map((row) => [
            row.store,
            row.workers,
            rounded(row.runsPerSecond),
            rounded(row.silentRunsPerSecond),
          ]),
        ),
      },
    ],
  };
}

function startLatencySection({ postgres, pglite, runs }: StartLatencyResult): Section {
  const rows = [
    { store: "PostgreSQL", latency: postgres },
    { store: "PGlite", latency: pglite },
  ];
  return {
    title: "Durable runs: from start to the first step",
    text: `One process calls \`start()\`. On PostgreSQL another process is the worker; on PGlite it is the same process.
The queue is otherwise empty. The time is from the call to the first line of the pipeline, of ${runs} runs one after another, at random moments.`,
    verdict: verdict(
      (["postgres", "pglite"] as const).flatMap((store) => [
        noted(`\`durable.startLatency.${store}.p50Ms\``, { postgres, pglite }[store].p50Ms),
        noted(`\`durable.startLatency.${store}.p95Ms\``, { postgres, pglite }[store].p95Ms),
      ]),
    ),
    tables: [
      {
        caption: "Milliseconds from the call of `start()`",
        table: table(
          ["store", "until it has resolved, p50", "until the pipeline begins, p50", "p95"],
          rows.map(({ store, latency }) => [
            store,
            rounded(latency.startedMs),
            rounded(latency.p50Ms),
            rounded(latency.p95Ms),
          ]),
        ),
      },
    ],
  };
}

function peersSection(result: PeersResult): Section {
  return {
    title: peersTitle,
    text: `Runs of three calls, compared with other ways to execute them, on the same PostgreSQL server, each in its own database. Each has one worker process, which executes ${atOnce} runs at a time. All make their calls by the same client to the same server, which answers at once, and a step gets the answer of the step before.
${result.runs} runs wait before the workers begin. The peers take turns; a ratio is the median of ${result.rounds} rounds. The time to a run's first line is that of ${result.starts} runs one after another; for Orchestra it is the figure above.

- Orchestra, a graph: a LangGraph graph of three steps. The store keeps the run, its place in the queue, its events, each answer before its step continues, the state after each step, and the costs. Another worker continues a run whose worker dies. A write of a worker that has lost the run is refused.
- Orchestra, a function: the same three calls one after another, in a \`RunnableLambda\`. The store keeps the same, except the state after each step. After a crash the function begins again, and gets the answers that it had from the store, as a workflow of DBOS does.
- DBOS from its queue: a workflow of three steps. It keeps the workflow, its place in the queue and the result of each step. It keeps no events and no costs. Its worker looks into the queue every ${dbosPollMs} ms here; by default it does so every second.
- DBOS without a queue: the process that starts a workflow executes it. Only that process, or one that takes its name, continues it.
- LangGraph with \`PostgresSaver\` and \`durability: "sync"\`: the same graph. It keeps the state after each step. It has no queue and no record of runs: the process that starts a run executes it, and no other process continues it.
- LangGraph with \`MemorySaver\`: the same graph, which keeps nothing outside of its process. Orchestra executes this graph too, so as a graph it cannot be faster.
- pg-boss alone, with notifications: a job that makes the three calls. It keeps the job and its result. A job whose worker dies begins again, and all calls are made and paid again. Orchestra's queue is pg-boss, so this is the minimum time of a run from a queue.`,
    verdict: verdict([
      ...(["graph", "function"] as const).flatMap((way) => [
        atLeast(
          `\`durable.peers.vsDbos.${way}\`: runs a second over DBOS, from its queue`,
          result.vsDbos[way],
          1,
        ),
        noted(
          `\`durable.peers.vsDbosDirect.${way}\`: over DBOS, without a queue`,
          result.vsDbosDirect[way],
        ),
        noted(
          `\`durable.peers.vsLangGraph.${way}\`: over LangGraph, without a queue`,
          result.vsLangGraph[way],
        ),
        atLeast(`\`durable.peers.vsPgBoss.${way}\`: over pg-boss alone`, result.vsPgBoss[way], 0.6),
      ]),
      noted(
        "`durable.peers.inMemoryVsPgBoss`: LangGraph in memory over pg-boss alone",
        result.inMemoryVsPgBoss,
      ),
    ]),
    tables: [
      {
        caption: "One worker each; milliseconds from the call that starts a run",
        table: table(
          [
            "what",
            "runs a second",
            "the graph over it",
            "the function over it",
            "until it is started, p50",
            "until its first line, p50",
            "p95",
          ],
          result.rows.map(({ name, runsPerSecond, ratios, startLatency }) => [
            name,
            rounded(runsPerSecond),
            rounded(ratios.graph),
            rounded(ratios.function),
            rounded(startLatency.startedMs),
            rounded(startLatency.p50Ms),
            rounded(startLatency.p95Ms),
          ]),
        ),
      },
    ],
  };
}

function goodputSection(result: DurableGoodputResult): Section {
  const { requests, windowMs } = goodputLimit;
  return {
    title: "Durable runs: goodput of several processes",
    text: `${result.runs} runs of three calls are in the queue before ${result.workers} worker processes on one PostgreSQL begin. Their account allows ${requests} requests in ${windowMs / 1000} s; the sandbox enforces the limit by a fixed window or by a token bucket.
All runs are executed at once, ${Math.ceil(result.runs / result.workers)} in each process, as the pipelines above are. With the 8 of a worker by default, ${8 * result.workers} calls can wait, fewer than a window allows, and the other slots wait for runs that store their answers.
The processes know the limit from \`LLM_REQUESTS_PER_MINUTE\` and share it only through their database.
As above, a round begins at the start of a fixed window, or with a full bucket: the least possible time is ${result.leastMs / 1000} s.
A round ends with the last run, and includes taking the runs from the queue and storing their results.
The ratio is the least possible time over the time taken: one round of new processes, which still compile their code, then the median of ${result.rounds} more rounds of the same processes.

A trace of one of the quieter rounds of warm processes, before slots were booked in advance, shows where the time goes. It took 1,022 ms longer than the least possible time:

- 482 ms until the 60th call of the first window was sent. 169 ms of them passed until all 100 runs were taken from the queue; the first steps of all runs then share two cores with PostgreSQL and the sandbox.
- 231 ms, in four windows, from the use of the last slot to its answer. The limiter does not know when a request has arrived, and an answered request counts from shortly before its answer.
- 256 ms, in four windows, in which the last slot was free and its process asked the database for it. Slots are booked before they are free since then.
- 24 ms for clocks of different speeds, a thousandth of each window.
- 29 ms from the last call to the end of its run.

In the round of new processes before it, the first part took 921 ms and the second one 464 ms: their code was compiled meanwhile.
A ratio of 0.97 allows 742 ms. Without the part of the database, 766 ms of that round remain, most of them work of the processors at the start.`,
    verdict: verdict([
      atLeast(
        "`durable.goodput.ratio`, the worse of the two servers, of warm processes",
        result.ratio,
        0.97,
      ),
      atMost("`durable.goodput.status429`, of all rounds", result.status429, 0),
      atMost("`durable.goodput.lost`, of all rounds", result.lost, 0),
    ]),
    tables: [
      {
        caption: "At both servers",
        table: table(
          ["server", "processes", "seconds", "ratio", "429s", "runs lost"],
          result.rows.map((row) => [
            row.algorithm,
            row.isWarm ? "warm" : "new",
            rounded(row.takenMs / 1000),
            rounded(row.ratio),
            row.status429,
            row.lost,
          ]),
        ),
      },
    ],
  };
}

function costSection(result: CostResult): Section {
  return {
    title: costTitle,
    text: `The same graph of three calls, one run after the other, in one process: invoked without a checkpointer, with LangGraph's \`MemorySaver\` and \`PostgresSaver\` (\`durability: "sync"\`), and as a run, from \`start()\` to the end of \`wait()\`.
The checkpointers store the state after each step. A run also stores its place in the queue, its events, and each answer before the step continues.
The models answer at once. The ratios are calculated for models that take ${modelMs / 1000} s a call: the time of ${steps} such calls plus the measured time, over the time of ${steps} such calls plus the time measured in memory.
Medians of ${result.rounds} rounds.`,
    verdict: verdict([
      noted(
        `\`durable.cost.postgresRatio\`, with ${modelMs / 1000} s a call`,
        result.postgresRatio,
      ),
      noted(`\`durable.cost.pgliteRatio\`, with ${modelMs / 1000} s a call`, result.pgliteRatio),
      noted("`durable.cost.postgresMs`, added to a run", result.postgresMs),
      noted("`durable.cost.pgliteMs`, added to a run", result.pgliteMs),
    ]),
    tables: [
      {
        caption: "Milliseconds a run",
        table: table(
          ["what", "ms a run", "more than in memory", `ratio with ${modelMs / 1000} s a call`],
          result.rows.map((row) => [
            row.name,
            rounded(row.ms),
            rounded(row.addedMs),
            rounded(row.ratio),
          ]),
        ),
      },
    ],
  };
}

function fullStoreSection(result: FullStoreResult): Section {
  const figures = ["list", "get", "start", "events"] as const;
  return {
    title: "Durable runs: a full store",
    text: `A store with ${result.runs} runs that have ended, beside one with ${fewRuns}. The runs are copies of one that was executed there, spread over 20 days and four pipelines: each has its row, ${kept.events} events and the ${kept.answers} answers of its journal. Both stores also have ${pageSize} runs in the queue; \`VACUUM ANALYZE\` has run on both.
Pages are of ${pageSize} runs; 1 in 16 has failed, and in both stores 30 were cancelled. \`events\` reads all events of a run that has ended.
The two stores take turns; the ratio is the full one's time over the other's, the median of ${result.rounds} rounds.`,
    verdict: verdict(
      figures.map((figure) => {
        const note = figure === "list" ? ", the worst list, on PostgreSQL" : ", on PostgreSQL";
        return atMost(`\`durable.fullStore.${figure}\`${note}`, result[figure], 1.2);
      }),
    ),
    tables: [
      {
        caption: "Milliseconds",
        table: table(
          ["store", "what", `${fewRuns} runs`, `${result.runs} runs`, "ratio"],
          result.rows.map((row) => [
            row.store,
            row.name,
            rounded(row.emptyMs),
            rounded(row.fullMs),
            rounded(row.ratio),
          ]),
        ),
      },
    ],
  };
}
