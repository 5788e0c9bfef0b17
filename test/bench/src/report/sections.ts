import { goodputLimit, pipelines, type GoodputResult } from "../benches/goodput.ts";
import { laterCalls, timeoutMs, type DeadPrimaryResult } from "../benches/dead-primary.ts";
import type { HedgeResult } from "../benches/hedge.ts";
import { overheadAtOnce, type OverheadResult, type OverheadRow } from "../benches/overhead.ts";
import { rounded } from "../measure/statistics.ts";
import { longChunks, shortChunks } from "../servers/canned.ts";
import { slowMs, slowShare, usualMs } from "../servers/tail.ts";
import type { Results } from "../results.ts";
import { durableSections } from "./durable.ts";
import { atLeast, atMost, noted, verdict, type Section } from "./section.ts";
import { table } from "./table.ts";

export function sectionsOf(results: Results): readonly Section[] {
  const { overhead, goodput, deadPrimary, hedge, durable } = results;
  return [
    ...(overhead ? [overheadSection(overhead)] : []),
    ...(goodput ? [goodputSection(goodput)] : []),
    ...(deadPrimary ? [deadPrimarySection(deadPrimary)] : []),
    ...(hedge ? [hedgeSection(hedge)] : []),
    ...(durable ? durableSections(durable) : []),
  ];
}

function overheadSection(result: OverheadResult): Section {
  const { others } = result;
  return {
    title: "Overhead",
    text: `A bare \`node:http\` server in a process of its own answers at once, with keep-alive, with a canned completion that has OpenRouter's usage and cost.
The clients run in one process and take turns of ten calls; a figure is the median of all rounds, a ratio the median of the rounds' own ratios.

"Everything on" is limits of requests, tokens, days and calls in flight, budgets in dollars and tokens for call, run and day, a fallback, a hedge and the log at \`info\` into \`/dev/null\`, each limit too wide to strike.
The other rows of ours have neither limits, budgets nor log.

LCEL is \`prompt | ChatOpenAI.withRetry().withFallbacks([ChatOpenAI])\`, without a parser: it has less to do than an agent, which reads the answer and checks it against its schema.
Role models and agents stream every answer from upstream, to tell a slow one from none; the short answer then comes in ${shortChunks} chunks, where the peers get it as one JSON document.
A stream comes in one write, so that nothing but the client's own work is measured.
An agent's stream is read whole, as agents do; all others hand on every chunk.`,
    verdict: verdict([
      atMost("`overhead.roleModelVsChatOpenAI`", result.roleModelVsChatOpenAI, 1.1),
      noted("the same with everything on", others.roleModelWithEverythingOnVsChatOpenAI),
      atMost("`overhead.agentVsLcel`, everything on", result.agentVsLcel, 1),
      noted("the same without limits, budgets and log", others.agentWithDefaultsVsLcel),
      atMost("`overhead.streamVsLcel`, everything on", result.streamVsLcel, 1),
      noted("the same without limits, budgets and log", others.streamWithDefaultsVsLcel),
      noted("`RoleModel.stream()` over `ChatOpenAI.stream()`", others.liveStreamVsChatOpenAI),
      atMost("`overhead.concurrentVsLcel`, everything on", result.concurrentVsLcel, 1),
      noted("the same without limits, budgets and log", others.concurrentWithDefaultsVsLcel),
    ]),
    tables: [
      {
        caption: "One call after another: the median call",
        table: overheadTable(result.sequential),
      },
      {
        caption: `A stream of ${longChunks} chunks, read to its end`,
        table: overheadTable(result.stream),
      },
      {
        caption: `${overheadAtOnce} calls at once: the time of all over their number`,
        table: overheadTable(result.concurrent),
      },
    ],
  };
}

function overheadTable(rows: readonly OverheadRow[]): string {
  return table(
    ["client", "ms a call", "calls a second", "times fetch", "times LCEL"],
    rows.map(({ name, ms, vsFetch, vsLcel }) => [
      name,
      rounded(ms),
      Math.round(1000 / ms),
      rounded(vsFetch),
      rounded(vsLcel),
    ]),
  );
}

function goodputSection(result: GoodputResult): Section {
  const { requests, windowMs } = goodputLimit;
  return {
    title: "Goodput under the account's limit",
    text: `${pipelines} pipelines of three calls begin at once on an account that allows ${requests} requests in ${windowMs / 1000} s; the sandbox enforces it, by a fixed window or by a token bucket.
A run begins when a fixed window does, and with a full bucket, so that the least possible time is ${result.leastMs / 1000} s at both: ${requests} requests at once, and the other ${3 * pipelines - requests} by and by.
A client that does not know where the server's windows begin cannot use that it starts late in one; a start elsewhere lowers the least possible time, not the time taken.

The limiter knows the limit and the window, by \`LLM_REQUESTS_PER_MINUTE\`.
The peers retry up to a hundred times: \`openai\` and \`ChatOpenAI\` by \`maxRetries: 100\`, LCEL by \`withRetry({ stopAfterAttempt: 100 })\`; what is not done in twice the least time is lost.
The ratio is the least possible time over the time taken; of ours, the median of ${result.runs} runs, of the peers, one run.`,
    verdict: verdict([
      atLeast("`goodput.ratio`, the worse of the two servers", result.ratio, 0.97),
      atMost("`goodput.status429`, of all runs", result.status429, 0),
      atMost("`goodput.lost`, of all runs", result.lost, 0),
    ]),
    tables: [
      {
        caption: "Clients at both servers",
        table: table(
          ["client", "server", "seconds", "ratio", "429s", "pipelines lost"],
          result.rows.map((row) => [
            row.name,
            row.algorithm,
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

function deadPrimarySection(result: DeadPrimaryResult): Section {
  return {
    title: "A dead primary",
    text: `The primary accepts and never answers, or says 503 at once; the fallback, behind the gateway's route, is healthy and answers at once, so that every bit of overhead shows.
\`LLM_REQUEST_TIMEOUT\` is ${timeoutMs / 1000} s, all else is by default.
The figure is the median of calls 2 to ${laterCalls + 1} over the median call of the same client at the healthy fallback alone, by the same route; the two take turns call by call, in ${result.rounds} rounds with fresh clients.

The peer is \`ChatOpenAI.withFallbacks([ChatOpenAI])\` with the same timeout, without \`withRetry()\`, which would pay further timeouts on every call.`,
    verdict: verdict([atMost("`deadPrimary.ratio`, the worse of the two", result.ratio, 1.2)]),
    tables: [
      {
        caption: "Calls while the primary is dead, in milliseconds",
        table: table(
          ["client", "primary", "first call", "later calls", "healthy fallback", "ratio"],
          result.rows.map((row) => [
            row.name,
            row.death,
            rounded(row.firstMs),
            rounded(row.laterMs),
            rounded(row.healthyMs),
            rounded(row.ratio),
          ]),
        ),
      },
    ],
  };
}

function hedgeSection(result: HedgeResult): Section {
  return {
    title: "The tail, hedged",
    text: `A model answers in ${usualMs} ms, and ${slowShare * 100} % of its answers, drawn from a seed, take ${slowMs} ms.
${result.calls} calls, 16 at a time, after 200 from which the client may learn; medians of ${result.rounds} rounds.
\`p95\` hedges a request that takes longer than 95 % of the role's last 200 did; where more than 5 % of those were slow, it waits as long as they took.
The cost is the number of requests that the server got: an upper bound, for the loser is aborted, and not every provider bills what nobody waited for.`,
    verdict: verdict([
      noted("`hedge.p99Ratio`, by `LLM_HEDGE_AFTER=p95`", result.p99Ratio),
      noted("`hedge.costRatio`, by `LLM_HEDGE_AFTER=p95`", result.costRatio),
    ]),
    tables: [
      {
        caption: "Milliseconds a call",
        table: table(
          [
            "hedge after",
            "p50",
            "p95",
            "p99",
            "p99 over that without",
            "requests over those without",
          ],
          result.rows.map((row) => [
            row.name,
            rounded(row.p50Ms),
            rounded(row.p95Ms),
            rounded(row.p99Ms),
            rounded(row.p99Ratio),
            rounded(row.costRatio),
          ]),
        ),
      },
    ],
  };
}
