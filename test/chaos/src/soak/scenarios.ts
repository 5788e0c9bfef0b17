import { randomBytes } from "node:crypto";
import { getEventListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import {
  createRateLimiter,
  defineRole,
  systemClock,
  type CallRecord,
  type Clock,
  type Deliverable,
  type Findings,
  type Orchestra,
  type OrchestraOptions,
  type Review,
} from "@orchestra/core";
import { MemoryBudgetStore } from "@orchestra/core/limits";
import { researchValidateExecute } from "@orchestra/core/pipelines";
import { z } from "zod";
import { repeated } from "./repeated.ts";
import type { Stage } from "./stage.ts";

/** Work that a long-lived process repeats. */
export interface Scenario {
  readonly name: string;
  /** Name of the unit of work. */
  readonly unit: string;
  /** Number of units in one round of the full soak. */
  readonly perRound: number;
  readonly start: (stage: Stage) => Ongoing | Promise<Ongoing>;
}

export interface Ongoing {
  readonly once: () => Promise<unknown>;
  /** Concurrent units. @defaultValue `16` */
  readonly concurrency?: number;
  /** Fills tables and caches that have a maximum size. */
  readonly fill?: () => Promise<void>;
  /** Waits for background work. */
  readonly settle?: () => Promise<void>;
  /** @returns resources that should not be left, as sentences */
  readonly end?: () => Promise<readonly string[]>;
}

const messages = [{ role: "user" as const, content: "When was the lighthouse built?" }];
const question = { task: "When was the lighthouse built?" };
/** Every call in one run, where the number of runs is not what is looked at. */
const runId = "soak";

/** More runs than ledgers and the budgets of runs keep. */
const manyRuns = 10_500;
/** More roles and models than are kept. */
export const manyKeys = 1100;

let lastKey = 0;
export const newKey = (): string => `key-${(lastKey += 1)}`;

const role = { system: "Answer.", input: z.object({ task: z.string() }) };
const output = z.object({ text: z.string() });
const search = tool(() => "It was built in 1871.", {
  name: "search",
  description: "Searches",
  schema: z.object({ query: z.string() }),
});

export const scenarios: readonly Scenario[] = [
  {
    name: "chat, each call a run of its own",
    unit: "call",
    perRound: 10_000,
    start(stage) {
      const orchestra = filled(stage.orchestra("answer"));
      return { once: () => orchestra.chat("When was the lighthouse built?") };
    },
  },
  {
    name: "completions, whole, on a long-lived signal",
    unit: "call",
    perRound: 20_000,
    start: (stage) => onSignal(stage, {}, (orchestra, signal) => complete(orchestra, { signal })),
  },
  {
    name: "completions, streamed, on a long-lived signal",
    unit: "call",
    perRound: 10_000,
    start: (stage) => onSignal(stage, {}, (orchestra, signal) => readStream(orchestra, { signal })),
  },
  {
    name: "the user's fetch, on a long-lived signal",
    unit: "call",
    perRound: 5000,
    start: (stage) =>
      onSignal(stage, { fetch }, async (orchestra, signal) => {
        await complete(orchestra, { signal });
        await readStream(orchestra, { signal });
      }),
  },
  {
    name: "hedged calls, on a long-lived signal",
    unit: "call",
    perRound: 5000,
    start: (stage) =>
      onSignal(stage, { environment: { LLM_HEDGE_AFTER: "0.001" } }, async (orchestra, signal) => {
        await complete(orchestra, { signal });
        await readStream(orchestra, { signal });
      }),
  },
  {
    name: "coalesced calls, on a long-lived signal",
    unit: "call",
    perRound: 10_000,
    start: (stage) =>
      onSignal(stage, { environment: { LLM_COALESCE: "true" } }, (orchestra, signal) =>
        complete(orchestra, { signal }),
      ),
  },
  {
    name: "agents with tools, on a long-lived signal",
    unit: "run",
    perRound: 1500,
    start(stage) {
      return onSignal(stage, {}, (orchestra, signal) => {
        const agent = orchestra.agent(
          defineRole({ ...role, name: "soaker", output, tools: [search] }),
        );
        return agent.invoke(question, { signal });
      });
    },
  },
  {
    name: "research, validate, execute, on a long-lived signal",
    unit: "run",
    perRound: 1500,
    start(stage) {
      const graph = researchValidateExecute(steps);
      return onSignal(stage, {}, async (_, signal) => {
        await graph.invoke(question, { signal });
        await Array.fromAsync(await graph.stream(question, { signal }));
      });
    },
  },
  // From here on, ids of runs are remembered for their budgets, 10,000 at most: too many for a quick soak to
  // reach the end of.
  {
    name: "completions with budgets, each call a run of its own",
    unit: "call",
    perRound: 10_000,
    start(stage) {
      const orchestra = stage.orchestra("answer", budgets);
      const once = () => complete(orchestra, { runId: undefined });
      return { once, fill: () => repeated(manyRuns, once) };
    },
  },
  {
    name: "calls aborted at a mute server",
    unit: "call",
    perRound: 5000,
    start: (stage) =>
      withBudgets(stage, "mute", {}, async (orchestra) => {
        const caller = new AbortController();
        const call = complete(orchestra, { signal: caller.signal });
        setTimeout(() => caller.abort(), 2);
        await failed(call);
      }),
  },
  {
    name: "calls timed out at a mute server",
    unit: "call",
    perRound: 3000,
    start: (stage) =>
      withBudgets(stage, "mute", { LLM_REQUEST_TIMEOUT: "0.005" }, (orchestra) =>
        failed(readStream(orchestra)),
      ),
  },
  {
    name: "streams that their readers leave, of which GET /generation knows nothing",
    unit: "call",
    perRound: 2000,
    start: (stage) =>
      withBudgets(stage, "cut", {}, async (orchestra) => {
        for await (const _ of await openStream(orchestra)) break;
      }),
  },
  {
    name: "streams that are opened and never read",
    unit: "call",
    perRound: 2000,
    start: (stage) =>
      withBudgets(stage, "long", { LLM_READER_TIMEOUT: "0.1" }, async (orchestra) => {
        await openStream(orchestra, {}, { max_tokens: 1000 });
      }),
  },
  {
    name: "an open stream of many chunks",
    unit: "chunk",
    perRound: 100_000,
    start: (stage) => openReader(stage, {}, async () => undefined),
  },
  {
    name: "a reader that is slower than the time limits",
    unit: "chunk",
    perRound: 2000,
    start: (stage) => openReader(stage, { LLM_REQUEST_TIMEOUT: "0.5" }, () => pause(2)),
  },
  {
    name: "roles and models that clients name",
    unit: "key",
    perRound: 3000,
    start(stage) {
      const orchestra = filled(
        stage.orchestra("answer", { environment: { LLM_HEDGE_AFTER: "p95" } }),
      );
      const once = async () => {
        await complete(orchestra, { agentType: newKey() }, { model: `lab/${newKey()}` });
        await orchestra.chat("Hello", { agent_type: newKey() });
      };
      return { once, fill: () => repeated(manyKeys, once) };
    },
  },
  {
    name: "new schemas",
    unit: "call",
    perRound: 2000,
    start(stage) {
      const orchestra = filled(stage.orchestra("answer"));
      const once = () => {
        const schema = z.object({ text: z.string().describe(newKey()) });
        return orchestra.model.withStructuredOutput(schema).invoke("When?");
      };
      return { once };
    },
  },
  {
    name: "agents for each call",
    unit: "agent",
    perRound: 2000,
    start(stage) {
      const orchestra = filled(stage.orchestra("answer"));
      const once = () =>
        orchestra.agent(defineRole({ ...role, name: newKey(), output })).invoke(question);
      return { once, fill: () => repeated(manyKeys, once) };
    },
  },
  {
    name: "an Orchestra for each request",
    unit: "orchestra",
    perRound: 2000,
    start: (stage) => ({ once: () => stage.orchestra("answer", budgets).chat("When?") }),
  },
];

const budgets = {
  environment: {
    LLM_BUDGET_TOKENS_PER_DAY: "100000000000",
    LLM_BUDGET_TOKENS_PER_RUN: "100000000000",
    LLM_BUDGET_TOKENS_PER_CALL: "1000000",
  },
};

type CallOptions = NonNullable<Parameters<Orchestra["completions"]["create"]>[1]>;

function complete(orchestra: Orchestra, options: CallOptions = {}, fields = {}): Promise<unknown> {
  return orchestra.completions.create({ messages, ...fields }, { runId, ...options });
}

function openStream(orchestra: Orchestra, options: CallOptions = {}, fields = {}) {
  return orchestra.completions.create({ messages, ...fields, stream: true }, { runId, ...options });
}

async function readStream(orchestra: Orchestra, options: CallOptions = {}): Promise<void> {
  for await (const _ of await openStream(orchestra, options));
}

/** Work with one shared signal, on which no listener may remain. */
function onSignal(
  stage: Stage,
  options: OrchestraOptions,
  work: (orchestra: Orchestra, signal: AbortSignal) => Promise<unknown>,
): Ongoing {
  const orchestra = filled(stage.orchestra("answer", options));
  const { signal } = new AbortController();
  return {
    once: () => work(orchestra, signal),
    async end() {
      const { length } = getEventListeners(signal, "abort");
      return length === 0 ? [] : [`${length} listeners stay on the signal`];
    },
  };
}

/** Work whose reservations all have to be settled in the end, and whose slots are free again. */
function withBudgets(
  stage: Stage,
  behaviour: string,
  environment: Record<string, string>,
  work: (orchestra: Orchestra) => Promise<unknown>,
): Ongoing {
  const budgetStore = new MemoryBudgetStore();
  const orchestra = stage.orchestra(behaviour, {
    budgetStore,
    clock: hurried,
    // A limiter knows the requests of the last minute: this one's is short.
    rateLimiter: createRateLimiter({ clock: systemClock, windowMs: 100 }),
    environment: { ...budgets.environment, LLM_MAX_CONCURRENCY: "64", ...environment },
  });
  return {
    once: () => work(orchestra),
    async settle() {
      while ((await orchestra.account.limiter.state()).inFlight > 0) await pause(10);
      await orchestra.flushCosts();
    },
    async end() {
      const { inFlight } = await orchestra.account.limiter.state();
      const id = new Date().toISOString().slice(0, 10);
      const { held } = await budgetStore.balance({ scope: "day", id });
      return [
        ...(inFlight === 0 ? [] : [`${inFlight} slots are taken`]),
        ...(held.tokens === 0 ? [] : [`${held.tokens} tokens are reserved`]),
      ];
    },
  };
}

/** In the background, such as between two questions for a cost, a second takes ten milliseconds. */
const hurried: Clock = {
  ...systemClock,
  after: (durationMs, callback, isBackground) =>
    systemClock.after(isBackground ? durationMs / 100 : durationMs, callback, isBackground),
};

/** How many chunks the server sends before they are read: all that waits is buffered. */
const chunksAhead = 100;

/** One stream that is read on in every round. */
async function openReader(
  stage: Stage,
  environment: Record<string, string>,
  afterChunk: () => Promise<unknown>,
): Promise<Ongoing> {
  const orchestra = stage.orchestra("fed", {
    environment: { LLM_MAX_ANSWER_BYTES: "1000000000", ...environment },
  });
  const stream = await openStream(orchestra, {}, { max_tokens: 10_000_000 });
  const chunks = stream[Symbol.asyncIterator]();
  let ahead = 0;
  return {
    concurrency: 1,
    async once() {
      if (ahead === 0) stage.feed((ahead = chunksAhead));
      ahead -= 1;
      const { done } = await chunks.next();
      if (done) throw new Error("The stream has ended");
      await afterChunk();
    },
    async end() {
      await chunks.return?.();
      return [];
    },
  };
}

/**
 * Fills what a ledger keeps of runs, with ids that take as many bytes as real ones. A table from which old entries are
 * deleted doubles once more after it is full: hence more than it keeps.
 */
export function filled(orchestra: Orchestra): Orchestra {
  const { ledger } = orchestra;
  const record = { status: "succeeded", role: "general", model: "m", attempts: [], ...noUsage };
  for (let run = 0; run < 3 * manyRuns; run += 1) {
    ledger.add({ ...record, runId: randomBytes(18).toString("hex") } as unknown as CallRecord);
  }
  return orchestra;
}

const noUsage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};

async function failed(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    return;
  }
  throw new Error("The call has succeeded, on a server that does not answer");
}

/** The steps of a pipeline without models, to measure only the graph. */
const steps = {
  researcher: RunnableLambda.from(({ task }: { readonly task: string }): Findings => {
    return { task, claims: [], openQuestions: [] };
  }),
  validator: RunnableLambda.from((findings: Findings): Review => {
    return { ...findings, verdict: "approve", issues: [], confidence: 1 };
  }),
  executor: RunnableLambda.from(({ task }: Review): Deliverable => {
    return { task, text: "In 1871", citations: [] };
  }),
};
