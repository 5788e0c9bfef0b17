import { randomBytes } from "node:crypto";
import { Pool } from "undici";
import { callAtOnce, contestThroughput, type Contestant } from "../../measure/contest.ts";
import { median, medianRatio, percentile } from "../../measure/statistics.ts";
import { residentMb } from "./resident-mb.ts";
import type { Way } from "./way.ts";
import { openWays } from "./ways.ts";

/** Concurrent requests, each over a separate connection. */
export const serverAtOnce = 64;

/** Requests of each way before it is measured: during some thousands of them, V8 still compiles a server's code. */
export const warmUpCalls = 10_000;

/** One way to the models. */
export interface ServerRow {
  readonly name: string;
  /** Answers in a second, with many requests in progress. */
  readonly perSecond: number;
  /** Streams in a second, with as many in progress. */
  readonly streamsPerSecond: number;
  /** Milliseconds of one request after another. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Resident memory of the server after all requests, in MB; absent for the server of the models itself. */
  readonly memoryMb: number | undefined;
}

export interface ThroughputResult {
  /** Answers in a second of the least that a server can do, over those of Portkey's gateway. */
  readonly passThroughRatio: number;
  /** Answers in a second of Orchestra with keys and routing, over those of Portkey's gateway. */
  readonly throughputRatio: number;
  /** The same, with limits, budgets, the ledger and the log. */
  readonly everythingOnRatio: number;
  readonly streamRatio: number;
  /** What Orchestra adds to a request, over what Portkey's gateway adds. */
  readonly addedP50Ratio: number;
  readonly addedP99Ratio: number;
  /** Resident memory of Orchestra over that of Portkey's gateway, after the same requests. */
  readonly memoryRatio: number;
  /** Requests with wrong keys that Orchestra refuses in a second, with many in progress. */
  readonly refusedPerSecond: number;
  readonly rows: readonly ServerRow[];
}

/** How many requests a server answers in a second, and what it adds to each; the models answer at once. */
export async function benchThroughput(
  modelsUrl: string,
  { quick }: { readonly quick: boolean },
): Promise<ThroughputResult> {
  await using all = await openWays(`${modelsUrl}/short`, { connections: serverAtOnce });
  const { direct, passThrough, orchestra, everythingOn, portkey } = all;
  const ways = [direct, passThrough, orchestra, everythingOn, portkey];

  const options = { rounds: quick ? 3 : 7, calls: quick ? 1000 : 3000, atOnce: serverAtOnce };
  for (const { call } of ways) await callAtOnce(call, warmUpCalls, serverAtOnce);
  const answers = await contestThroughput(ways, options);
  const streams = await contestThroughput(
    ways.map(({ name, stream }) => ({ name, call: () => stream() })),
    { ...options, calls: options.calls / 2 },
  );
  const latencies = await latenciesOf(ways, quick ? 600 : 3000);
  const memories = await Promise.all(ways.map(({ address }) => residentMb(address.pid)));
  await using intruder = intruderAt(orchestra.address.url);
  const refusals = await contestThroughput([intruder], options);

  const ratio = (figures: typeof answers, name: string) =>
    medianRatio(of(figures, portkey.name), of(figures, name));
  const memoryOf = (way: Way) => memories[ways.indexOf(way)] ?? Number.NaN;
  const added = (name: string, percent: number) =>
    percentile(of(latencies, name), percent) - percentile(of(latencies, direct.name), percent);
  return {
    passThroughRatio: ratio(answers, passThrough.name),
    throughputRatio: ratio(answers, orchestra.name),
    everythingOnRatio: ratio(answers, everythingOn.name),
    streamRatio: ratio(streams, orchestra.name),
    addedP50Ratio: added(orchestra.name, 50) / added(portkey.name, 50),
    addedP99Ratio: added(orchestra.name, 99) / added(portkey.name, 99),
    memoryRatio: memoryOf(orchestra) / memoryOf(portkey),
    refusedPerSecond: 1000 / median(of(refusals, intruder.name)),
    rows: ways.map(({ name }, index) => ({
      name,
      memoryMb: memories[index],
      perSecond: 1000 / median(of(answers, name)),
      streamsPerSecond: 1000 / median(of(streams, name)),
      p50Ms: percentile(of(latencies, name), 50),
      p99Ms: percentile(of(latencies, name), 99),
    })),
  };
}

/** A client that tries keys: each looks like a key of the database, and is another one. */
function intruderAt(url: string): Contestant & AsyncDisposable {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: serverAtOnce });
  return {
    name: "wrong keys",
    call: async () => {
      const { statusCode, body } = await pool.request({
        path: `${pathname}/models`,
        method: "GET",
        headers: { authorization: `Bearer ok-orch-${randomBytes(36).toString("base64url")}` },
      });
      await body.dump();
      if (statusCode !== 401) throw new Error(`A wrong key got HTTP ${statusCode}`);
    },
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

function of(figures: ReadonlyMap<string, readonly number[]>, name: string): readonly number[] {
  return figures.get(name) ?? [];
}

/** Calls of each in a row before it is another one's turn. */
const turnCalls = 10;

/** The times of single requests, one after another, of all in turns. */
async function latenciesOf(
  contestants: readonly Contestant[],
  calls: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const times = new Map(contestants.map(({ name }) => [name, [] as number[]]));
  for (let made = 0; made < calls; made += turnCalls) {
    for (const { name, call } of contestants) {
      for (let index = 0; index < turnCalls; index += 1) {
        const startedAt = performance.now();
        await call();
        times.get(name)?.push(performance.now() - startedAt);
      }
    }
  }
  return times;
}
