import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { chunk, completion, done, usageChunk } from "../completions/__fixtures__/completions.ts";
import { ModelError } from "../errors/index.ts";
import { Orchestra } from "../orchestra.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";
import { MemoryBudgetStore } from "../resilience/budget/index.ts";
import type { CallRecord } from "../usage/index.ts";
import type { Policy } from "./index.ts";

const places = { outermost: 0, "before the budget": 8, "inside the budget": 9, innermost: 13 };
const costUsd = 0.00014;
const quiet = { error() {}, warn() {}, info() {}, debug() {} };
const asEvents = (...chunks: readonly object[]) =>
  chunks.map((each) => `data: ${JSON.stringify(each)}\n\n`).join("");
const stream = `${asEvents(chunk({ content: "Hello there" }), chunk({}, "stop"), usageChunk)}${done}`;
const whole = () => Response.json(completion());
/** An answer that is paid, and is none. */
const empty = (isStream: boolean) =>
  isStream
    ? new Response(`${asEvents(chunk({}, "stop"), usageChunk)}${done}`)
    : Response.json(completion({ message: { role: "assistant", content: "" } }));

/**
 * Makes two calls, the second after the first.
 *
 * @param answers - To the first requests, where they are no usual answer.
 */
async function callTwice(
  policy: Policy,
  at: number,
  isStream: boolean,
  answers: readonly ("empty" | "refused")[] = [],
) {
  const left = [...answers];
  const store = new MemoryBudgetStore();
  let requests = 0;
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      LLM_MAX_RETRIES: "0",
      LLM_BUDGET_TOKENS_PER_DAY: "1000000",
    },
    logger: quiet,
    budgetStore: store,
    policies: (all: readonly Policy[]) => [...all.slice(0, at), policy, ...all.slice(at)],
    fetch: async () => {
      const answer = left.shift();
      if (answer === "refused") throw Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
      requests += 1;
      if (answer === "empty") return empty(isStream);
      return isStream ? new Response(stream) : whole();
    },
  });
  for (const _ of "12") {
    try {
      if (!isStream) await orchestra.chat("Hi");
      else for await (const __ of await orchestra.model.stream("Hi"));
    } catch {
      // What the call costs is the same.
    }
  }
  await orchestra.flushCosts();
  const id = new Date().toISOString().slice(0, 10);
  const { spent, held } = await store.balance({ scope: "day", id });
  const inUsd = (amount: { picoUsd: bigint }) => Number(amount.picoUsd) / 1e12;
  return {
    requests,
    ledger: orchestra.ledger.total,
    spentUsd: inUsd(spent),
    heldTokens: held.tokens,
  };
}

const leave = async (answer: Awaited<ReturnType<ReturnType<Policy>>>) => {
  if (answer.kind === "stream") await answer.leave();
};

const shapes: Readonly<Record<string, () => Policy>> = {
  "sends again and returns the second answer": () => (next) => async (attempt) => {
    await leave(await next(attempt));
    return next(attempt);
  },
  "sends again and returns the first answer": () => (next) => async (attempt) => {
    const first = await next(attempt);
    await leave(await next(attempt));
    return first;
  },
  "races two requests": () => (next) => async (attempt) => {
    const racers = [next(attempt), next(attempt)];
    const winner = await Promise.any(racers);
    const leaveLoser = async (racer: (typeof racers)[number]) => {
      const answer = await racer;
      if (answer !== winner) await leave(answer);
    };
    for (const racer of racers) void leaveLoser(racer);
    return winner;
  },
  "answers from memory": () => {
    const kept: unknown[] = [];
    return (next) => async (attempt) => {
      if (kept[0]) return structuredClone(kept[0]) as never;
      const answer = await next(attempt);
      if (answer.kind === "whole") kept.push(answer);
      return answer;
    };
  },
};

describe.each(Object.entries(places))("a policy %s", (_, at) => {
  test.each(Object.entries(shapes))("that %s has the cost of its requests", async (__, shape) => {
    for (const isStream of [false, true]) {
      const t = await callTwice(shape(), at, isStream);
      const costs = t.requests * costUsd;
      expect(t.ledger.costUsd).toBeCloseTo(costs, 10);
      expect(t.ledger).toMatchObject({ unknownCostAttempts: 0, unknownUsageAttempts: 0 });
      expect(t.spentUsd).toBeCloseTo(costs, 10);
      expect(t.heldTokens).toBe(0);
    }
  });

  test("that throws an error of an earlier call has paid nothing again", async () => {
    let kept: unknown;
    const remembering: Policy = (next) => async (attempt) => {
      if (kept) throw kept;
      try {
        return await next(attempt);
      } catch (error) {
        throw (kept = error);
      }
    };
    const t = await callTwice(remembering, at, false, ["empty"]);
    expect([t.requests, t.ledger.costUsd, t.spentUsd]).toEqual([1, costUsd, costUsd]);
  });

  test("that throws its own error has the cost of the answer that it received", async () => {
    const mine = new Error("Mine, each time");
    const renaming: Policy = (next) => async (attempt) => {
      try {
        await next(attempt);
      } catch (error) {
        if (!(error instanceof ModelError) || error.kind === "connection_error") throw mine;
        throw new ModelError("Another", { kind: "service_error" });
      }
      throw mine;
    };
    const t = await callTwice(renaming, at, false, ["empty", "refused"]);
    expect([t.requests, t.ledger.costUsd, t.spentUsd]).toEqual([1, costUsd, costUsd]);
    const lost = await callTwice(renaming, at, false);
    expect([lost.ledger.costUsd, lost.spentUsd]).toEqual([2 * costUsd, 2 * costUsd]);
    expect((await callTwice(renaming, at, true)).heldTokens).toBe(0);
  });
});

test("calls that end by one abort do not share what the answer of one has cost", async () => {
  const records: CallRecord[] = [];
  const answered = Promise.withResolvers<void>();
  const holding: Policy = (next) => async (attempt) => {
    await next(attempt);
    answered.resolve();
    return new Promise(() => undefined);
  };
  let requests = 0;
  const orchestra = new Orchestra({
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", LLM_MAX_RETRIES: "0" },
    logger: quiet,
    onCall: (record) => void records.push(record),
    policies: (all: readonly Policy[]) => [...all, holding],
    fetch: async (_, init) => {
      if ((requests += 1) === 1) return whole();
      await sleep(60_000, undefined, { signal: init?.signal ?? undefined });
      return whole();
    },
  });
  const run = new AbortController();
  const calls = ["1", "2", "3"].map((text) => orchestra.chat(text, { signal: run.signal }));
  await answered.promise;
  run.abort(new Error("All of you"));
  const ends = await Promise.allSettled(calls);
  expect(ends.map((end) => end.status === "rejected" && end.reason.message)).toEqual(
    Array(3).fill("All of you"),
  );
  const attempts = records.flatMap((record) => record.attempts);
  expect(attempts.map((each) => each.costUsd).toSorted((a, b) => a - b)).toEqual([0, 0, costUsd]);
  expect(attempts.map(({ error }) => error?.kind)).toEqual(Array(3).fill("aborted"));
});

test.each([false, true])(
  "a record names the model whose answer was returned, streamed: %s",
  async (isStream) => {
    const racing: Policy =
      (next, { routes: [primary, other] }) =>
      async (attempt) => {
        const answer = await next({ ...attempt, route: other ?? primary });
        await leave(await next({ ...attempt, route: primary }));
        return answer;
      };
    const fallbacks = [{ provider: "openai", model: "other" }];
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: JSON.stringify(fallbacks) },
      policies: (all) => [racing, ...all],
    });
    if (!isStream) await t.orchestra.chat("Hi");
    else for await (const _ of await t.orchestra.model.stream("Hi"));
    expect(t.record()).toMatchObject({ servedModel: "other", via: "portkey", fallbackUsed: true });
  },
);

test("a policy that leaves a stream and sends again keeps the time limits of its attempt", async () => {
  const again: Policy = (next) => async (attempt) => {
    await leave(await next(attempt));
    return next(attempt);
  };
  await using t = await startTestOrchestra({
    environment: { LLM_STALL_TIMEOUT: "0.2", LLM_MAX_RETRIES: "0" },
    policies: (all) => [...all, again],
  });
  t.sandbox.order({ fault: "hang", after: 1, times: 1 });
  await expect(t.orchestra.model.stream("Hi")).rejects.toThrow("stalled for 0.2 s");
});
