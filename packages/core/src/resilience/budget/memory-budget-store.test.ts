import { expect, test } from "vitest";
import { nothing } from "./amount.ts";
import { MemoryBudgetStore } from "./index.ts";
import { describeBudgetStore } from "../../testing/budget-store/conformance.ts";

describeBudgetStore("MemoryBudgetStore", async () => new MemoryBudgetStore());

test("deletes a closed account as soon as nothing on it is held", async () => {
  const store = new MemoryBudgetStore();
  const account = { scope: "run", id: "a", limit: {} } as const;
  const amount = { picoUsd: 1n, tokens: 1 };
  const deleted = { spent: nothing, held: nothing };
  for (const id of ["1", "2"]) await store.reserve({ id, accounts: [account], amount });
  await store.settle("1", amount);
  await store.close(account);
  expect(await store.balance(account)).toEqual({ spent: amount, held: amount });
  await store.settle("2", amount);
  expect(await store.balance(account)).toEqual(deleted);

  await store.reserve({ id: "3", accounts: [account], amount });
  await store.settle("3", amount);
  expect(await store.balance(account)).toEqual({ spent: amount, held: nothing });
  await store.close(account);
  expect(await store.balance(account)).toEqual(deleted);
});
