import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import type { BudgetStore } from "./budget-store.ts";
import { Budget } from "./budget.ts";
import { MemoryBudgetStore } from "./memory-budget-store.ts";

class MyStore extends MemoryBudgetStore {}

const scopes = { callId: "c", runId: "r" };
const estimate = { usd: 0.1, tokens: 10 };
const run = { scope: "run", id: "r" } as const;

function create(changes: object) {
  const store = new MyStore();
  const clock = new FakeClock(0);
  const guarded = Object.assign(store, changes) as BudgetStore;
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  return {
    store,
    clock,
    errors,
    budget: new Budget({ limits: { run: { maxUsd: 1 } }, clock, store: guarded, onError }),
  };
}

/** Holds the amount, and answers something else. */
const answering = (answer: unknown) => ({
  async reserve(this: MyStore, request: Parameters<BudgetStore["reserve"]>[0]) {
    await MemoryBudgetStore.prototype.reserve.call(this, request);
    return answer;
  },
});

describe("a budget store of the user's", () => {
  test.each([Number.NaN, -1, 0, false, true, "ok", [], {}, { scope: "run", unit: "usd" }])(
    "that answers %j is named in the error, and holds nothing",
    async (answer) => {
      const { budget, store } = create(answering(answer));
      await expect(budget.reserve(estimate, scopes)).rejects.toMatchObject({
        code: "budget_error",
        message: expect.stringContaining(
          "The budget store MyStore cannot keep the budget: reserve() answered",
        ),
      });
      await expect.poll(async () => (await store.balance(run)).held.tokens).toBe(0);
    },
  );

  test.each([
    [
      "throws",
      () => {
        throw new Error("no database");
      },
    ],
    ["rejects", () => Promise.reject(new Error("no database"))],
    ["rejects with no error", () => Promise.reject("no database")],
  ])("that %s is named in the error", async (_, reserve) => {
    const { budget } = create({ reserve });
    await expect(budget.reserve(estimate, scopes)).rejects.toMatchObject({
      code: "budget_error",
      message: expect.stringContaining("MyStore cannot keep the budget: reserve() failed"),
    });
  });

  test("that never answers fails after 30 seconds, and its reservation is released later", async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const settled: string[] = [];
    const { budget, clock } = create({
      reserve: () => promise,
      settle: async (id: string) => void settled.push(id),
    });
    const reserved = budget.reserve(estimate, scopes);
    const failure = reserved.catch((error: unknown) => String(error));
    await clock.advance(30_000);
    expect(await failure).toContain("reserve() gave no answer within 30 s");
    expect(settled).toEqual([]);
    resolve(undefined);
    await expect.poll(() => settled.length).toBe(1);
  });

  test("that does not settle holds a call for half a second, and is reported", async () => {
    const { budget, clock, errors } = create({ settle: () => new Promise(() => undefined) });
    const reservation = await budget.reserve(estimate, scopes);
    const settled = reservation.settle(estimate);
    await expect.poll(() => clock.sleeping).toBe(2);
    await clock.advance(500);
    await settled;
    expect(errors).toEqual([]);
    await clock.advance(29_500);
    expect(errors.map(String)).toEqual([
      expect.stringContaining("settle() gave no answer within 30 s"),
    ]);
  });

  test.each([
    ["without a prototype", null],
    ["of a class without a name", { constructor: {} }],
  ])("the error names the store: %s", async (_, prototype) => {
    const store = Object.create(prototype) as BudgetStore;
    const budget = new Budget({ limits: { run: { maxUsd: 1 } }, store });
    await expect(budget.reserve(estimate, scopes)).rejects.toMatchObject({
      code: "budget_error",
      message: expect.stringContaining("The budget store cannot keep the budget: reserve() failed"),
    });
  });

  test("that cannot settle is reported by name, and changes nothing for the call", async () => {
    const { budget, errors } = create({ settle: () => Promise.reject(new Error("no database")) });
    const reservation = await budget.reserve(estimate, scopes);
    await reservation.settle(estimate);
    await reservation.release();
    expect(errors.map(String)).toEqual([
      expect.stringContaining("MyStore cannot keep the budget: settle() failed: no database"),
      expect.stringContaining("MyStore cannot keep the budget: settle() failed: no database"),
    ]);
  });
});
