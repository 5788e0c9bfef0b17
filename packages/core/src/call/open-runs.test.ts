import { describe, expect, test } from "vitest";
import { Budget, MemoryBudgetStore } from "../resilience/budget/index.ts";
import { runIdOf } from "../gateway/call-options.ts";
import { madeRuns, OpenRuns } from "./open-runs.ts";

/** Spends tokens in the name of a run, as the policy does. */
function setUp() {
  const store = new MemoryBudgetStore();
  const budget = new Budget({ limits: { run: { maxTokens: 1000 } }, store });
  const openRuns = new OpenRuns(budget);
  const spend = async (runId: string, tokens: number) => {
    openRuns.touch(runId);
    const reservation = await budget.reserve({ usd: 0, tokens }, { callId: runId, runId });
    await reservation.settle({ usd: 0, tokens });
  };
  const spent = async (id: string) => (await store.balance({ scope: "run", id })).spent.tokens;
  return { budget, spend, spent };
}

describe("the budget of a run", () => {
  test("that the caller names stays, however many other runs there are", async () => {
    const { spend, spent } = setUp();
    await spend("quiet", 999);
    for (let run = 0; run < 10_001; run += 1) await spend(`run-${run}`, 1);
    expect(await spent("quiet")).toBe(999);
    await expect(spend("quiet", 2)).rejects.toMatchObject({ kind: "budget_error" });
    await spend("quiet", 1);
  });

  test("that the caller names begins again when the caller has ended it", async () => {
    const { budget, spend, spent } = setUp();
    await spend("mine", 1000);
    await budget.close("run", "mine");
    expect(await spent("mine")).toBe(0);
    await spend("mine", 1000);
  });

  test("that no invocation can continue is forgotten after 10,000 others", async () => {
    const { spend, spent } = setUp();
    const made: string[] = [];
    for (let run = 0; run < 10_001; run += 1) {
      const id = runIdOf({});
      made.push(id);
      await spend(id, 1);
    }
    expect([await spent(made[0]!), await spent(made[1]!)]).toEqual([0, 1]);
  });

  test("needs no memory of ids where there is no budget", () => {
    const { areNeeded } = madeRuns;
    madeRuns.areNeeded = false;
    const id = runIdOf({});
    madeRuns.areNeeded = areNeeded;
    expect(madeRuns.ids.has(id)).toBe(false);
  });
});
