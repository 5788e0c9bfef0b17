import { array, assert, asyncProperty, boolean, constantFrom, nat, record } from "fast-check";
import { expect, test } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { MemoryJournal } from "../journal/index.ts";
import { Orchestra } from "../orchestra.ts";
import { MemoryBudgetStore } from "../resilience/budget/index.ts";
import { silentLogger, type OrchestraEvent } from "../usage/index.ts";
import { timedFetch, type Answer } from "./__fixtures__/timed-fetch.ts";

interface Plan {
  readonly kind: "whole" | "put together" | "invoke" | "stream" | "model stream" | "journaled";
  /** At which step or event of the history its caller acts, and how many microtasks later. */
  readonly at: number;
  readonly later: number;
  readonly act: "abort" | "leave" | "nothing";
  /** How many chunks are read; what the reader does then. */
  readonly reads: number;
  readonly afterwards: "read on" | "leave" | "throw" | "stop";
}

const plan = record<Plan>({
  kind: constantFrom("whole", "put together", "invoke", "stream", "model stream", "journaled"),
  at: nat({ max: 40 }),
  later: nat({ max: 5 }),
  act: constantFrom("abort", "leave", "nothing"),
  reads: nat({ max: 7 }),
  afterwards: constantFrom("read on", "leave", "throw", "stop"),
});

const answer = constantFrom<Answer[]>(
  "whole",
  "busy",
  "silent",
  "refused",
  "cut",
  "failed",
  "without usage",
  "usage after the end",
  "silent in the middle",
);

const history = record({
  plans: array(plan, { minLength: 1, maxLength: 3 }),
  answers: array(answer, { maxLength: 5 }),
  hedges: boolean(),
  restarts: boolean(),
  hasDollars: boolean(),
  perMinute: constantFrom("none", "2"),
});

type History = Parameters<Parameters<typeof history.map>[0]>[0];

const calm = { hedges: false, restarts: false, hasDollars: false, perMinute: "none" } as const;
const streamed = { kind: "stream", later: 0, reads: 0, afterwards: "read on" } as const;

/** Histories that once went wrong. */
const found: readonly History[] = [
  // An abort on the stream's way out through the policies.
  { ...calm, plans: [{ ...streamed, at: 9, later: 1, act: "abort" }], answers: ["busy"] },
  // A reader that leaves while a broken stream starts again.
  {
    ...calm,
    plans: [{ ...streamed, at: 6, act: "leave" }],
    answers: ["silent in the middle"],
    restarts: true,
  },
  // The same, at the event that says so.
  {
    ...calm,
    plans: [{ ...streamed, at: 18, act: "leave" }],
    answers: ["refused", "silent in the middle", "silent in the middle"],
    restarts: true,
    perMinute: "2",
  },
  // An abort in the instant of a restart, whose reader reads no further.
  {
    ...calm,
    plans: [
      { ...streamed, kind: "put together", at: 0, act: "leave", reads: 2 },
      { kind: "journaled", at: 38, later: 2, act: "abort", reads: 3, afterwards: "stop" },
    ],
    answers: ["busy", "busy", "silent in the middle"],
    restarts: true,
    perMinute: "2",
  },
];

const messages = [{ role: "user" as const, content: "Hi" }];
const runId = "run-1";

/** A store that counts how often each reservation was settled. */
class CountingStore extends MemoryBudgetStore {
  readonly settled = new Map<string, number>();

  override async reserve(request: Parameters<MemoryBudgetStore["reserve"]>[0]) {
    this.settled.set(request.id, 0);
    const shortage = await super.reserve(request);
    if (shortage) this.settled.delete(request.id);
    return shortage;
  }

  override settle(...[id, actual]: Parameters<MemoryBudgetStore["settle"]>) {
    this.settled.set(id, (this.settled.get(id) ?? 0) + 1);
    return super.settle(id, actual);
  }
}

/** Calls that are made and ended as planned, on a clock of their own. */
class Calls {
  readonly clock = new FakeClock();
  readonly store = new CountingStore();
  readonly journal = new MemoryJournal();
  readonly events: OrchestraEvent[] = [];
  readonly orchestra: Orchestra;
  readonly #acts = new Map<number, (() => void)[]>();
  #marks = 0;

  constructor({ answers, hedges, restarts, hasDollars, perMinute }: Omit<History, "plans">) {
    this.orchestra = new Orchestra({
      logger: silentLogger,
      clock: this.clock,
      budgetStore: this.store,
      fetch: timedFetch(this.clock, answers, () => this.#mark()),
      onEvent: (event) => {
        this.events.push(event);
        this.#mark();
      },
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
        OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
        LLM_MAX_CONCURRENCY: "2",
        LLM_REQUESTS_PER_MINUTE: perMinute,
        LLM_REQUESTS_PER_DAY: "none",
        LLM_READER_TIMEOUT: "20",
        LLM_BUDGET_TOKENS_PER_CALL: "100000",
        LLM_BUDGET_TOKENS_PER_RUN: "10000000",
        ...(hasDollars ? { LLM_BUDGET_USD_PER_RUN: "100" } : {}),
        ...(hedges ? { LLM_HEDGE_AFTER: "0.025" } : {}),
        ...(restarts ? { LLM_STREAM_RESTARTS: "2" } : {}),
      },
    });
  }

  #mark(): void {
    for (const act of this.#acts.get(this.#marks++) ?? []) act();
  }

  /** @returns what the call's reader ends with */
  async make(plan: Plan): Promise<void> {
    const caller = new AbortController();
    let iterator: AsyncIterator<unknown> | undefined;
    const act = () => {
      if (plan.act === "abort") caller.abort(new Error("enough"));
      else if (plan.act === "leave") void iterator?.return?.().catch(() => undefined);
    };
    this.#acts.set(plan.at, [
      ...(this.#acts.get(plan.at) ?? []),
      () => void after(plan.later, act),
    ]);
    const opened = await this.#open(plan, caller.signal);
    if (!opened) return;
    iterator = plan.afterwards === "throw" ? passedOn(opened) : opened[Symbol.asyncIterator]();
    for (let read = 0; plan.afterwards === "read on" || read < plan.reads; read += 1) {
      if ((await iterator.next()).done) return;
    }
    if (plan.afterwards === "leave") await iterator.return?.();
    if (plan.afterwards === "throw") await iterator.throw?.(new Error("thrown into"));
  }

  /** @returns the chunks of a stream; `undefined` after a whole answer */
  async #open({ kind }: Plan, signal: AbortSignal): Promise<AsyncIterable<unknown> | undefined> {
    const { completions } = this.orchestra;
    const options = { runId, signal };
    const config = { signal, configurable: { run_id: runId } };
    if (kind === "stream") return completions.create({ messages, stream: true }, options);
    if (kind === "journaled") {
      const journaled = { ...options, journal: this.journal, step: "one" };
      return completions.create({ messages, stream: true }, journaled);
    }
    if (kind === "model stream") return this.orchestra.modelFor("general").stream("Hi", config);
    if (kind === "invoke") await this.orchestra.modelFor("general").invoke("Hi", config);
    else await completions.create({ messages }, { ...options, streamUpstream: kind !== "whole" });
    return undefined;
  }
}

async function after(microtasks: number, act: () => void): Promise<void> {
  for (let waited = 0; waited < microtasks; waited += 1) await Promise.resolve();
  act();
}

async function* passedOn(chunks: AsyncIterable<unknown>): AsyncGenerator {
  yield* chunks;
}

/** @returns of each call its events, of which the last one is its end */
function byCall(events: readonly OrchestraEvent[]) {
  const ofCalls = events.flatMap((event) => ("callId" in event ? [event] : []));
  return Map.groupBy(ofCalls, ({ callId }) => callId);
}

test("however calls end, each slot and reservation is given back once, and each call has one record", async () => {
  const unhandled: unknown[] = [];
  const listen = (error: unknown) => void unhandled.push(error);
  process.on("unhandledRejection", listen);
  try {
    await assert(
      asyncProperty(history, async ({ plans, ...world }) => {
        const t = new Calls(world);
        const ends = plans.map(() => false);
        for (const [at, plan] of plans.entries()) {
          const end = () => void (ends[at] = true);
          void t.make(plan).then(end, end);
        }
        await t.clock.advance(1_200_000);
        expect(ends).toEqual(plans.map(() => true));

        for (const events of byCall(t.events).values()) {
          const types = events.flatMap(({ type }) =>
            type === "attempt-start" || type === "call-end" ? [type] : [],
          );
          const [record] = events.flatMap((event) =>
            event.type === "call-end" ? [event.record] : [],
          );
          const attempts = record?.attempts.map(() => "attempt-start") ?? [];
          expect(types).toEqual([...attempts, "call-end"]);
        }
        expect((await t.orchestra.account.limiter.state()).inFlight).toBe(0);
        expect(new Set(t.store.settled.values())).not.toContain(0);
        expect(new Set(t.store.settled.values())).not.toContain(2);
        const { held } = await t.store.balance({ scope: "run", id: runId });
        expect(held).toMatchObject({ tokens: 0, picoUsd: 0n });
        expect(t.clock.sleeping).toBe(0);
        expect(unhandled).toEqual([]);
      }),
      { numRuns: 200, examples: found.map((each) => [each]) },
    );
  } finally {
    process.off("unhandledRejection", listen);
  }
});
