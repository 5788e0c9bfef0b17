import { randomBytes } from "node:crypto";
import { startGateway } from "@orchestra/test-e2e/gateway";
import { Pool } from "undici";
import { contestThroughput, type Contestant } from "../measure/contest.ts";
import { median, medianRatio, percentile } from "../measure/statistics.ts";
import { benchModel } from "../servers/canned.ts";
import { startChild } from "../servers/child.ts";
import type { OrchestraServerOptions } from "../servers/orchestra-server.ts";
import { key } from "./clients.ts";

/** Requests under way at one time, each over a connection of its own. */
export const serverAtOnce = 64;

/** One way to the models. */
export interface ServerRow {
  readonly name: string;
  /** Answers in a second, with many requests under way. */
  readonly perSecond: number;
  /** Streams in a second, likewise. */
  readonly streamsPerSecond: number;
  /** Milliseconds of one request after another. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ServerResult {
  /** Answers in a second of Orchestra with keys and routing, over those of Portkey's gateway. */
  readonly throughputRatio: number;
  /** The same, with limits, budgets, the ledger and the log. */
  readonly everythingOnRatio: number;
  readonly streamRatio: number;
  /** What Orchestra adds to a request, over what Portkey's gateway adds. */
  readonly addedP50Ratio: number;
  readonly addedP99Ratio: number;
  /** Requests with wrong keys that Orchestra refuses in a second, with many under way. */
  readonly refusedPerSecond: number;
  readonly rows: readonly ServerRow[];
}

const names = {
  direct: "no server between",
  orchestra: "Orchestra",
  everythingOn: "Orchestra, everything on",
  portkey: "Portkey's gateway",
  intruder: "wrong keys",
} as const;

/** A way to the models: whole answers and streams. */
interface Way extends AsyncDisposable {
  readonly name: string;
  readonly call: () => Promise<void>;
  readonly stream: () => Promise<void>;
}

/** What a server between client and models costs; the models answer at once. */
export async function benchServer({ quick }: { readonly quick: boolean }): Promise<ServerResult> {
  await using models = await startChild<{ url: string }>("completions.ts");
  const baseUrl = `${models.address.url}/short`;
  const start = (hasEverythingOn: boolean) =>
    startChild<{ url: string }>("orchestra-server.ts", {
      baseUrl,
      key,
      hasEverythingOn,
    } satisfies OrchestraServerOptions);
  await using plain = await start(false);
  await using everythingOn = await start(true);
  await using gateway = await startGateway();
  await using direct = wayTo(names.direct, baseUrl);
  await using ours = wayTo(names.orchestra, plain.address.url);
  await using oursWithAll = wayTo(names.everythingOn, everythingOn.address.url);
  await using theirs = wayTo(names.portkey, gateway.url, {
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": baseUrl,
  });
  const ways = [direct, ours, oursWithAll, theirs];

  const options = { rounds: quick ? 3 : 7, calls: quick ? 1000 : 3000, atOnce: serverAtOnce };
  const answers = await contestThroughput(ways, options);
  const streams = await contestThroughput(
    ways.map(({ name, stream }) => ({ name, call: stream })),
    { ...options, calls: options.calls / 2 },
  );
  const refusals = await contestThroughput([intruderAt(plain.address.url)], options);
  const latencies = await latenciesOf(ways, quick ? 600 : 3000);

  const ratio = (figures: typeof answers, name: string) =>
    medianRatio(of(figures, names.portkey), of(figures, name));
  const added = (name: string, percent: number) =>
    percentile(of(latencies, name), percent) - percentile(of(latencies, names.direct), percent);
  return {
    throughputRatio: ratio(answers, names.orchestra),
    everythingOnRatio: ratio(answers, names.everythingOn),
    streamRatio: ratio(streams, names.orchestra),
    addedP50Ratio: added(names.orchestra, 50) / added(names.portkey, 50),
    addedP99Ratio: added(names.orchestra, 99) / added(names.portkey, 99),
    refusedPerSecond: 1000 / median(of(refusals, names.intruder)),
    rows: ways.map(({ name }) => ({
      name,
      perSecond: 1000 / median(of(answers, name)),
      streamsPerSecond: 1000 / median(of(streams, name)),
      p50Ms: percentile(of(latencies, name), 50),
      p99Ms: percentile(of(latencies, name), 99),
    })),
  };
}

function wayTo(name: string, url: string, headers: Readonly<Record<string, string>> = {}): Way {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: serverAtOnce });
  const request = { model: benchModel, messages: [{ role: "user", content: "Hello" }] };
  const ask = async (body: string): Promise<void> => {
    const response = await pool.request({
      path: `${pathname}/chat/completions`,
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body,
    });
    const text = await response.body.text();
    if (response.statusCode !== 200) throw new Error(`${name}: ${text}`);
  };
  const whole = JSON.stringify(request);
  const streamed = JSON.stringify({ ...request, stream: true });
  return {
    name,
    call: () => ask(whole),
    stream: () => ask(streamed),
    [Symbol.asyncDispose]: () => pool.close(),
  };
}

/** A client that tries keys: each looks like a key of the database, and is another one. */
function intruderAt(url: string): Contestant {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: serverAtOnce });
  return {
    name: names.intruder,
    call: async () => {
      const { statusCode, body } = await pool.request({
        path: `${pathname}/models`,
        method: "GET",
        headers: { authorization: `Bearer ok-orch-${randomBytes(36).toString("base64url")}` },
      });
      await body.dump();
      if (statusCode !== 401) throw new Error(`A wrong key got HTTP ${statusCode}`);
    },
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
