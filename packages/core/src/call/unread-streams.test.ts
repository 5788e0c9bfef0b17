import { MemoryBudgetStore } from "../resilience/budget/index.ts";
import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { createJournal } from "../journal/create-journal.ts";
import { startTestOrchestra } from "../test-support/test-orchestra.ts";

const messages = [{ role: "user" as const, content: "What is a lighthouse?" }];
const runId = "run-1";

/** One place for a request in flight, and budgets whose accounts can be read. */
async function start(environment: Record<string, string> = {}) {
  const budgetStore = new MemoryBudgetStore();
  const t = await startTestOrchestra({
    budgetStore,
    environment: {
      LLM_MAX_CONCURRENCY: "1",
      LLM_BUDGET_TOKENS_PER_CALL: "100000",
      LLM_BUDGET_TOKENS_PER_RUN: "1000000",
      ...environment,
    },
  });
  const open = async (signal?: AbortSignal) => {
    const stream = await t.orchestra.completions.create(
      { messages, stream: true },
      { runId, signal },
    );
    return stream[Symbol.asyncIterator]();
  };
  return Object.assign(t, {
    open,
    held: async () => (await budgetStore.balance({ scope: "run", id: runId })).held.tokens,
    ofCall: (id = "") => budgetStore.balance({ scope: "call", id }),
    inFlight: async () => (await t.orchestra.account.limiter.state()).inFlight,
    /** Expects that the only call has ended without a failure, and that nothing is held for it. */
    async expectLeft(message: RegExp) {
      await expect.poll(() => t.records.length).toBe(1);
      await t.orchestra.flushCosts();
      const record = t.record();
      expect(record).toMatchObject({ status: "aborted", error: { kind: "aborted" } });
      expect(record.error?.message).toMatch(message);
      expect(t.orchestra.ledger.total).toMatchObject({ calls: 1, failedCalls: 0, leftCalls: 1 });
      expect(await this.held()).toBe(0);
      expect(await this.ofCall(record.id)).toMatchObject({ spent: { tokens: 0 } });
      expect(await this.inFlight()).toBe(0);
    },
  });
}

describe("a stream without a reader", () => {
  test("is closed after LLM_READER_TIMEOUT, and the next call gets its slot", async () => {
    await using t = await start({ LLM_READER_TIMEOUT: "0.05" });
    const stream = await t.open();
    await t.expectLeft(/not read for 0.05 s \(LLM_READER_TIMEOUT\)/);
    await t.orchestra.completions.create({ messages });
    expect(t.records.map(({ status }) => status)).toEqual(["aborted", "succeeded"]);
    await expect(stream.next()).rejects.toMatchObject({ name: "StreamInterruptedError" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(t.records).toHaveLength(2);
  });

  test("is closed in its middle too, and passes on what has arrived", async () => {
    await using t = await start({ LLM_READER_TIMEOUT: "0.05" });
    const stream = await t.open();
    expect((await stream.next()).done).toBe(false);
    await t.expectLeft(/not read/);
  });

  test("ends at its caller's abort, and its reader gets the reason when it reads on", async () => {
    await using t = await start();
    const caller = new AbortController();
    const stream = await t.open(caller.signal);
    const reason = new Error("enough");
    caller.abort(reason);
    await t.expectLeft(/The caller aborted the call/);
    await expect(stream.next()).rejects.toBe(reason);
    expect(getEventListeners(caller.signal, "abort")).toHaveLength(0);
  });
});

describe("a reader that leaves", () => {
  test("ends the call, which counts as left", async () => {
    await using t = await start();
    const stream = await t.open();
    await stream.next();
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    await t.expectLeft(/The reader left the stream/);
  });

  test("by an error that is thrown into its generator ends the call, and gets that error", async () => {
    await using t = await start();
    const stream = await t.open();
    const generator = (async function* () {
      yield* { [Symbol.asyncIterator]: () => stream };
    })();
    await generator.next();
    const reason = new Error("thrown into");
    await expect(generator.throw(reason)).rejects.toBe(reason);
    await t.expectLeft(/The reader left the stream/);
  });

  test("ends it once, though a read is in progress", async () => {
    await using t = await start({ LLM_STREAM_RESTARTS: "3" });
    t.sandbox.order({ fault: "stall" });
    const stream = await t.open();
    const reads = (async () => {
      while (!(await stream.next()).done);
    })();
    await stream.return?.();
    await reads;
    await t.expectLeft(/The reader left the stream/);
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test("before the first read ends a journaled stream too, and gives its place back", async () => {
    await using t = await start();
    const journal = createJournal({
      read: () => undefined,
      write: async () => undefined,
    });
    const stream = await t.orchestra.completions.create(
      { messages, stream: true },
      { runId, journal, step: "one" },
    );
    const left = await stream[Symbol.asyncIterator]().return?.();
    expect(left).toEqual({ done: true, value: undefined });
    await t.expectLeft(/The reader left the stream/);
  });
});

test("a policy that throws at once leaves nothing reserved", async () => {
  const budgetStore = new MemoryBudgetStore();
  await using t = await startTestOrchestra({
    budgetStore,
    policies: (defaults) => [
      ...defaults,
      () => () => {
        throw new Error("broken");
      },
    ],
    environment: {
      LLM_MAX_RETRIES: "0",
      LLM_MAX_CONCURRENCY: "1",
      LLM_BUDGET_TOKENS_PER_RUN: "1000000",
    },
  });
  for (const _ of [1, 2]) {
    await expect(t.orchestra.completions.create({ messages }, { runId })).rejects.toThrow("broken");
  }
  expect((await budgetStore.balance({ scope: "run", id: runId })).held.tokens).toBe(0);
  expect((await t.orchestra.account.limiter.state()).inFlight).toBe(0);
});

test.each([
  ["at an abort", "30", (caller: AbortController) => caller.abort(new Error("the user left"))],
  ["after LLM_READER_TIMEOUT", "0.05", () => undefined],
])("gives its slot in the journal back %s, with no further read", async (_, limit, leave) => {
  await using t = await start({ LLM_READER_TIMEOUT: limit });
  const occurrences: number[] = [];
  const journal = createJournal({
    read: (__, occurrence) => void occurrences.push(occurrence),
    write: async () => undefined,
  });
  const caller = new AbortController();
  const create = (signal?: AbortSignal) =>
    t.orchestra.completions.create({ messages, stream: true }, { runId, journal, signal });
  const stream = (await create(caller.signal))[Symbol.asyncIterator]();
  leave(caller);
  await expect.poll(() => t.records.length).toBe(1);
  for await (const __ of await create());
  // A retry takes the place that was given back, so that an execution after a crash finds its answer.
  expect(occurrences).toEqual([1, 1]);
  await expect(stream.next()).rejects.toBeInstanceOf(Error);
});
