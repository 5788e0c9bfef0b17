import { HumanMessage } from "@langchain/core/messages";
import { ChatPromptTemplate } from "@langchain/core/prompts";
import { createRateLimiter, systemClock } from "@orchestra/core";

import { leastTimeMs } from "../measure/least-time.ts";
import { median } from "../measure/statistics.ts";
import { benchModel } from "../servers/canned.ts";
import { startChild, type ChildServer } from "../servers/child.ts";
import type { Algorithm, SandboxBooks, SandboxesOptions } from "../servers/sandboxes.ts";
import { createChatOpenAI, createOpenAI, createOrchestra, maxTokens } from "./clients.ts";

export const goodputLimit = { requests: 60, windowMs: 6000 };
export const pipelines = 100;
const steps = 3;
const requests = pipelines * steps;
/** Time limit: twice the minimum time. Requests that have not ended by then count as lost. */
const budgetMs = 2 * leastTimeMs("fixed-window", requests, goodputLimit);
const algorithms = ["fixed-window", "token-bucket"] as const;
/** Between the starts of two runs, so that their bursts do not meet on the machine's cores. */
const staggerMs = 1000;
/** How often a client may retry: more than any of them needs. */
const generous = 100;

/** One client's runs at one kind of server. */
export interface GoodputRow {
  readonly name: string;
  readonly algorithm: Algorithm;
  /** The least possible time over the time taken. */
  readonly ratio: number;
  readonly takenMs: number;
  readonly status429: number;
  /** Pipelines that failed, or were not done in time. */
  readonly lost: number;
  /** Milliseconds from the start to each answer, of one run. */
  readonly answersAt: readonly number[];
}

export interface GoodputResult {
  /** Ours, at the worse of the two servers. */
  readonly ratio: number;
  /** Ours, of all runs together. */
  readonly status429: number;
  readonly lost: number;
  readonly leastMs: number;
  readonly runs: number;
  readonly rows: readonly GoodputRow[];
}

/** Makes one call, and answers with its text. */
type Call = (text: string, role: Role, signal: AbortSignal) => Promise<string>;
type Role = (typeof roles)[number];
const roles = ["researcher", "validator", "executor"] as const;

interface Peer {
  readonly name: string;
  readonly connect: (url: string) => Call;
}

/** A hundred three-step pipelines at once, on an account that allows sixty requests a window. */
export async function benchGoodput({ quick }: { readonly quick: boolean }): Promise<GoodputResult> {
  const runs = quick ? 1 : 3;
  const ours = await contest(Array.from({ length: runs }, () => orchestra));
  const theirs = quick ? [] : await contest([openAI, chatOpenAI, lcel]);
  const rows = [orchestra, openAI, chatOpenAI, lcel].flatMap(({ name }) =>
    algorithms.flatMap((algorithm) =>
      summary(
        [...ours, ...theirs].filter((run) => run.name === name && run.algorithm === algorithm),
      ),
    ),
  );
  const total = (field: "status429" | "lost") => ours.reduce((sum, run) => sum + run[field], 0);
  return {
    ratio: Math.min(
      ...rows.filter(({ name }) => name === orchestra.name).map(({ ratio }) => ratio),
    ),
    status429: total("status429"),
    lost: total("lost"),
    leastMs: leastTimeMs("fixed-window", requests, goodputLimit),
    runs,
    rows,
  };
}

const orchestra: Peer = {
  name: "orchestra",
  connect(url) {
    const { windowMs, requests: limit } = goodputLimit;
    const rateLimiter = createRateLimiter({ clock: systemClock, windowMs });
    const made = createOrchestra(url, { LLM_REQUESTS_PER_MINUTE: String(limit) }, { rateLimiter });
    return async (text, role, signal) => {
      const model = made.modelFor(role, { maxTokens });
      return (await model.invoke([new HumanMessage(text)], { signal })).text;
    };
  },
};

const openAI: Peer = {
  name: "openai",
  connect(url) {
    const { completions } = createOpenAI(url, { maxRetries: generous }).chat;
    return async (content, _, signal) => {
      const answer = await completions.create(
        { model: benchModel, max_tokens: maxTokens, messages: [{ role: "user", content }] },
        { signal },
      );
      return answer.choices[0]?.message.content ?? "";
    };
  },
};

const chatOpenAI: Peer = {
  name: "ChatOpenAI",
  connect(url) {
    const chat = createChatOpenAI(url, { maxRetries: generous });
    return async (text, _, signal) =>
      (await chat.invoke([new HumanMessage(text)], { signal })).text;
  },
};

const lcel: Peer = {
  name: "LCEL",
  connect(url) {
    const chain = ChatPromptTemplate.fromMessages([["human", "{text}"]]).pipe(
      createChatOpenAI(url).withRetry({ stopAfterAttempt: generous }),
    );
    return async (text, _, signal) => (await chain.invoke({ text }, { signal })).text;
  },
};

type Run = Omit<GoodputRow, "ratio"> & { readonly leastMs: number };

/** Runs every client at both servers, side by side: they wait nearly all of the time. */
async function contest(peers: readonly Peer[]): Promise<readonly Run[]> {
  const entries = peers.flatMap((peer) => algorithms.map((algorithm) => ({ peer, algorithm })));
  const firstStartAt = Date.now() + 1500;
  const { windowMs, requests: requestsPerWindow } = goodputLimit;
  const startsAt = entries.map((_, index) => firstStartAt + index * staggerMs);
  const options: SandboxesOptions = {
    requestsPerWindow,
    windowMs,
    // A window of each server begins when its run does: the start is the same for every client.
    sandboxes: entries.map(({ algorithm }, index) => ({
      algorithm,
      aheadMs: windowMs - ((startsAt[index] ?? 0) % windowMs),
    })),
  };
  await using server = await startChild<readonly string[]>("sandboxes.ts", options);
  const runs = await Promise.all(
    entries.map(async ({ peer, algorithm }, index) => {
      const call = peer.connect(server.address[index] ?? "");
      const startAt = startsAt[index] ?? 0;
      await until(startAt);
      const intoWindowMs = Math.max(0, Date.now() - startAt);
      const leastMs = leastTimeMs(algorithm, requests, goodputLimit, intoWindowMs);
      return { name: peer.name, algorithm, leastMs, ...(await runPipelines(call)) };
    }),
  );
  const finished: Run[] = [];
  for (const [index, run] of runs.entries()) {
    finished.push({ ...run, status429: (await booksOf(server, index)).status429 });
  }
  return finished;
}

function booksOf(server: ChildServer<unknown>, index: number): Promise<SandboxBooks> {
  return server.ask<SandboxBooks>(index);
}

async function runPipelines(call: Call): Promise<Pick<Run, "takenMs" | "lost" | "answersAt">> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(budgetMs);
  const answersAt: number[] = [];
  const pipeline = async (number: number) => {
    let text = `# Question\nHow long does lamp ${number} charge?\n\n# Material\nLamp ${number} charges in four hours.`;
    for (const role of roles) {
      const answer = await call(text, role, signal);
      answersAt.push(performance.now() - startedAt);
      text = `# Question\nIs it true that lamp ${number} charges in four hours?\n\n# Material\n${answer}`;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: pipelines }, (_, n) => pipeline(n)));
  return {
    takenMs: performance.now() - startedAt,
    lost: ends.filter(({ status }) => status === "rejected").length,
    answersAt,
  };
}

function summary(runs: readonly Run[]): GoodputRow | [] {
  const [first] = runs;
  if (!first) return [];
  return {
    name: first.name,
    algorithm: first.algorithm,
    ratio: median(runs.map(({ leastMs, takenMs }) => leastMs / takenMs)),
    takenMs: median(runs.map(({ takenMs }) => takenMs)),
    status429: Math.max(...runs.map(({ status429 }) => status429)),
    lost: Math.max(...runs.map(({ lost }) => lost)),
    answersAt: first.answersAt,
  };
}

async function until(at: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, at - Date.now());
  await promise;
}
