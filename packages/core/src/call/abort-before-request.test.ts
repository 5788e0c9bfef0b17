import { expect, test, vi } from "vitest";
import { FakeClock } from "../clock/fake-clock.ts";
import { post } from "../completions/http/post.ts";
import { utcDate } from "../clock/utc-day.ts";
import { ModelError } from "../errors/index.ts";
import { Orchestra } from "../orchestra.ts";
import { MemoryBudgetStore } from "../resilience/budget/index.ts";
import { silentLogger, type CallRecord } from "../usage/index.ts";
import { noUsage } from "../usage/usage.ts";

const schema = {
  name: "answer",
  schema: { type: "object", properties: { answer: { type: "string" } } },
};

/** @returns how the call ended, and what had been sent and recorded by then */
async function abortWhilePricesAreLoaded(
  ask: (orchestra: Orchestra, signal: AbortSignal) => Promise<unknown>,
  environment: Record<string, string>,
) {
  const clock = new FakeClock();
  const sent: string[] = [];
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    environment: { OPENROUTER_API_KEY: "sk-or-v1-test-0123456789", ...environment },
    clock,
    logger: silentLogger,
    onCall: (record) => void records.push(record),
    // The catalog never answers.
    fetch: async (url) => {
      sent.push(url as string);
      return new Promise<Response>(() => undefined);
    },
  });
  const caller = new AbortController();
  const reason = new Error("enough");
  let end: unknown;
  void ask(orchestra, caller.signal).catch((error: unknown) => (end = error));
  await clock.advance(1);
  caller.abort(reason);
  await clock.advance(0);
  const isReason = end === reason;
  await clock.advance(60_000);
  const ends = records.map(({ status, attempts }) => [status, attempts.length]);
  return { isReason, sent, ends };
}

const atOnce = {
  isReason: true,
  sent: ["https://openrouter.ai/api/v1/models"],
  ends: [["aborted", 0]],
};

test("an abort while prices are loaded for a budget ends the call at once", async () => {
  const messages = [{ role: "user" as const, content: "Hello" }];
  const result = await abortWhilePricesAreLoaded(
    (orchestra, signal) => orchestra.completions.create({ messages }, { signal }),
    { LLM_BUDGET_USD_PER_CALL: "1" },
  );
  expect(result).toEqual(atOnce);
});

test("an abort by another call's error, before a request is sent, has the cost of no answer", async () => {
  const store = new MemoryBudgetStore();
  const records: CallRecord[] = [];
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      LLM_MAX_CONCURRENCY: "1",
      LLM_BUDGET_TOKENS_PER_DAY: "100000",
    },
    logger: silentLogger,
    budgetStore: store,
    onCall: (record) => void records.push(record),
    onEvent: ({ type }) => void (type === "rate-limit-wait" && waiting.resolve()),
    fetch: async () => new Promise<Response>(() => undefined),
  });
  const waiting = Promise.withResolvers<void>();
  const [first, second] = [new AbortController(), new AbortController()];
  const usage = { ...noUsage, promptTokens: 10, costUsd: 0.5 };
  const other = new ModelError("Too slow", { kind: "timeout_error" });
  const calls = Promise.allSettled([
    orchestra.chat("Hello", { signal: first.signal }),
    orchestra.chat("Hello", { signal: second.signal }),
  ]);
  await waiting.promise;
  second.abort(other.withResponse({ status: 200, usage, costSource: "server" }));
  await expect.poll(() => records).toMatchObject([{ status: "aborted", attempts: [] }]);
  const { spent } = await store.balance({ scope: "day", id: utcDate(Date.now()) });
  expect(spent).toEqual({ picoUsd: 0n, tokens: 0 });
  first.abort();
  await calls;
});

test("an abort while the catalog is loaded for a schema ends the call at once", async () => {
  const result = await abortWhilePricesAreLoaded(
    (orchestra, signal) =>
      orchestra.model.withStructuredOutput(schema.schema, schema).invoke("Hello", { signal }),
    {},
  );
  expect(result).toEqual(atOnce);
});

test("a request whose signal has aborted is not sent, and leaves no rejection behind", async () => {
  const send = vi.fn<typeof fetch>(async () => {
    throw new Error("The signal has aborted");
  });
  const endpoint = { url: "http://127.0.0.1:9/v1/chat/completions", headers: {}, fetch: send };
  const sent = post(endpoint, "{}", undefined, AbortSignal.abort("enough"));
  await expect(sent).rejects.toMatchObject({ kind: "aborted", cause: "enough" });
  expect(send).not.toHaveBeenCalled();
});
