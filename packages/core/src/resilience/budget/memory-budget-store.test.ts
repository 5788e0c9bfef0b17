import { expect, test } from "vitest";
import { MemoryBudgetStore } from "./index.ts";
import { describeBudgetStore } from "../../testing/budget-store/conformance.ts";

describeBudgetStore("MemoryBudgetStore", async () => new MemoryBudgetStore());

test("forgets a closed account as soon as nothing on it is held", async () => {
  const store = new MemoryBudgetStore();
  const account = { scope: "run", id: "a", limit: {} } as const;
  const amount = { picoUsd: 1n, tokens: 1 };
  for (const id of ["1", "2"]) await store.reserve({ id, accounts: [account], amount });
  await store.settle("1", amount);
  await store.close(account);
  expect(store.size).toBe(1);
  await store.settle("2", amount);
  expect(store.size).toBe(0);

  await store.reserve({ id: "3", accounts: [account], amount });
  await store.settle("3", amount);
  expect(store.size).toBe(1);
  await store.close(account);
  expect(store.size).toBe(0);
});

test("keeps no account for what it refuses, and none for a question", async () => {
  const store = new MemoryBudgetStore();
  const account = { scope: "run", id: "a", limit: { tokens: 0 } } as const;
  await store.reserve({ id: "1", accounts: [account], amount: { picoUsd: 0n, tokens: 1 } });
  await store.balance(account);
  expect(store.size).toBe(0);
});
