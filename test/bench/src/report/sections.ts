import { goodputLimit, pipelines, type GoodputResult } from "../benches/goodput.ts";
import { laterCalls, timeoutMs, type DeadPrimaryResult } from "../benches/dead-primary.ts";
import type { HedgeResult } from "../benches/hedge.ts";
import { betweenCallsMs, type RecoveryResult } from "../benches/recovery.ts";
import { rounded } from "../measure/statistics.ts";
import { slowMs, slowShare, usualMs } from "../servers/tail.ts";
import type { Results } from "../results.ts";
import { durableSections } from "./durable.ts";
import { installedSection } from "./installed.ts";
import { overheadSection } from "./overhead.ts";
import { atLeast, atMost, noted, verdict, type Section } from "./section.ts";
import { serverSection } from "./server.ts";
import { startSection } from "./start.ts";
import { table } from "./table.ts";

export function sectionsOf(results: Results): readonly Section[] {
  const { overhead, start, installed, goodput, deadPrimary, recovery, hedge } = results;
  const { server, durable } = results;
  return [
    ...(overhead ? [overheadSection(overhead)] : []),
    ...(start ? [startSection(start)] : []),
    ...(installed ? [installedSection(installed)] : []),
    ...(goodput ? [goodputSection(goodput)] : []),
    ...(deadPrimary ? [deadPrimarySection(deadPrimary)] : []),
    ...(recovery ? [recoverySection(recovery)] : []),
    ...(hedge ? [hedgeSection(hedge)] : []),
    ...(server ? [serverSection(server)] : []),
    ...(durable ? durableSections(durable) : []),
  ];
}

function goodputSection(result: GoodputResult): Section {
  const { requests, windowMs } = goodputLimit;
  return {
    title: "Goodput under the account's limit",
    text: `${pipelines} pipelines of three calls begin at once on an account that allows ${requests} requests in ${windowMs / 1000} s. The sandbox enforces the limit by a fixed window or by a token bucket.
A run begins at the start of a fixed window, or with a full bucket. The least possible time is then ${result.leastMs / 1000} s at both servers: ${requests} requests at once, and the other ${3 * pipelines - requests} as the limit allows them.
A client does not know where the server's windows begin. A run that begins late in a window has a lower least possible time, but is not faster.

Orchestra knows the limit and the window from \`LLM_REQUESTS_PER_MINUTE\`.
The peers retry up to a hundred times: \`openai\` and \`ChatOpenAI\` with \`maxRetries: 100\`, LCEL with \`withRetry({ stopAfterAttempt: 100 })\`. A pipeline that takes more than twice the least possible time is lost.
The ratio is the least possible time over the time taken: for Orchestra the median of ${result.runs} runs, for each peer one run.`,
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
    text: `The primary accepts requests and never answers, or answers 503 at once. The fallback, behind the gateway's route, answers at once, so that all overhead is visible.
\`LLM_REQUEST_TIMEOUT\` is ${timeoutMs / 1000} s; every other setting has its default.
The figure is the median of calls 2 to ${laterCalls + 1} over the median call of the same client with the healthy fallback alone, on the same route. The two take turns call by call, in ${result.rounds} rounds with new clients.

The peer is \`ChatOpenAI.withFallbacks([ChatOpenAI])\` with the same timeout. It has no \`withRetry()\`, which would add further timeouts to every call.`,
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

function recoverySection(result: RecoveryResult): Section {
  const { calls, failed, outageMs, cooldownMs, slowestMs, requestsToDeadPrimary } = result;
  const back = Math.max(...result.backAfterMs);
  return {
    title: "A primary that comes back",
    text: `The primary answers 503 for ${outageMs / 1000} s, comes back, and once it has answered fails for as long again. The fallback is healthy. A call begins every ${betweenCallsMs} ms.
\`LLM_CIRCUIT_COOLDOWN\` is ${cooldownMs / 1000} s; every other setting has its default. All times are real.
Of ${calls} calls the longest took ${rounded(slowestMs)} ms. The primary received ${requestsToDeadPrimary} requests while it was down.`,
    verdict: verdict([
      atMost("`recovery.failed`", failed, 0),
      atMost(
        "`recovery.backAfterMs`, the longer: from the end of an outage to the primary's first answer",
        back,
        cooldownMs,
      ),
    ]),
    tables: [],
  };
}

function hedgeSection(result: HedgeResult): Section {
  return {
    title: "The tail, hedged",
    text: `A model answers in ${usualMs} ms; ${slowShare * 100} % of its answers, selected from a seed, take ${slowMs} ms.
${result.calls} calls, 16 at a time, after 200 from which the client learns; medians of ${result.rounds} rounds.
\`p95\` hedges a request that takes longer than 95 % of the role's last 200 requests. If more than 5 % of those were slow, it waits as long as they took.
The cost is the number of requests that the server received. It is an upper bound: the slower request of the two is aborted, and not every provider bills an aborted request.`,
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
