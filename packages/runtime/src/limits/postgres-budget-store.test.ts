import { describeBudgetStore } from "@orchestra/core/conformance";
import type { AmountLimit } from "@orchestra/core/limits";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { describeServerFirst, openOnServer } from "../test-support/databases.ts";
import { PostgresBudgetStore } from "./postgres-budget-store.ts";

const run = (id: string, limit: AmountLimit = {}) => ({ scope: "run" as const, id, limit });
const amount = { picoUsd: 10n, tokens: 1 };

describeServerFirst("budgets in a database", (open) => {
  let database: Database;
  const empty = async () => {
    for (const table of ["budget_accounts", "budget_reservations"]) {
      await database.query(`DELETE FROM "${database.schema}".${table}`);
    }
    return new PostgresBudgetStore({ database });
  };
  const rows = async () => {
    const [accounts, reservations] = await Promise.all(
      ["budget_accounts", "budget_reservations"].map((table) =>
        database.query(`SELECT * FROM "${database.schema}".${table}`),
      ),
    );
    return [accounts?.length, reservations?.length];
  };
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.close());

  describeBudgetStore("PostgresBudgetStore", empty, { numRuns: 8 });

  test("deletes a closed account as soon as it has no reservations", async () => {
    const store = await empty();
    for (const id of ["1", "2"]) await store.reserve({ id, accounts: [run("a")], amount });
    await store.settle("1", amount);
    await store.close(run("a"));
    expect(await rows()).toEqual([1, 1]);
    await store.settle("2", amount);
    expect(await rows()).toEqual([0, 0]);

    await store.reserve({ id: "3", accounts: [run("a")], amount });
    await store.settle("3", amount);
    expect(await rows()).toEqual([1, 0]);
    await store.close(run("a"));
    expect(await rows()).toEqual([0, 0]);
  });

  test("closes accounts that end together by one statement", async () => {
    await empty();
    let statements = 0;
    const query: Database["query"] = (...statement) => {
      statements += 1;
      return database.query(...statement);
    };
    const store = new PostgresBudgetStore({
      database: { ...database, schema: database.schema, query },
    });
    const accounts = Array.from({ length: 20 }, (_, index) => run(String(index)));
    await store.reserve({ id: "1", accounts, amount });
    await store.settle("1", amount);
    expect([await rows(), statements]).toEqual([[20, 0], 2]);
    await Promise.all(accounts.map((account) => store.close(account)));
    expect([await rows(), statements]).toEqual([[0, 0], 3]);
  });

  test("creates no account for a refused request, nor for a read", async () => {
    const store = await empty();
    const accounts = [run("a"), run("b", { tokens: 0 })];
    expect(await store.reserve({ id: "1", accounts, amount })).toMatchObject({ id: "b" });
    await store.balance(run("c"));
    expect(await rows()).toEqual([0, 0]);
  });

  test("reads the amounts that another store has charged", async () => {
    const store = await empty();
    await store.reserve({ id: "1", accounts: [run("a")], amount });
    const other = new PostgresBudgetStore({ database });
    await other.settle("1", { picoUsd: 2n ** 80n, tokens: 2 ** 40 });
    expect(await store.balance(run("a"))).toEqual({
      spent: { picoUsd: 2n ** 80n, tokens: 2 ** 40 },
      held: { picoUsd: 0n, tokens: 0 },
    });
  });
});

test("stores of many processes cannot overspend together, nor wait for each other forever", async () => {
  await using first = await openOnServer();
  const databases = [
    first,
    ...(await Promise.all([1, 2, 3].map(() => openOnServer({ like: first })))),
  ];
  const stores = databases.map((database) => new PostgresBudgetStore({ database }));
  const day = { scope: "day" as const, id: "2026-01-01", limit: { picoUsd: 500n } };
  let held = 0;
  const work = Array.from({ length: 120 }, async (_, index) => {
    const store = stores[index % stores.length];
    const id = String(index);
    // In either order: locking in the order of the request would soon deadlock.
    const both = [day, run(String(index % 3), { picoUsd: 300n })];
    const accounts = index % 2 ? both : both.toReversed();
    const shortage = await store?.reserve({ id, accounts, amount });
    if (shortage) return;
    held += 1;
    await stores[(index + 1) % stores.length]?.settle(id, { picoUsd: 5n, tokens: 1 });
  });
  await Promise.all(work);
  const { spent, held: left } = await new PostgresBudgetStore({ database: first }).balance(day);
  expect(left).toEqual({ picoUsd: 0n, tokens: 0 });
  expect(spent).toEqual({ picoUsd: BigInt(held) * 5n, tokens: held });
  expect(held).toBeGreaterThanOrEqual(50);
  expect(held).toBeLessThanOrEqual(100);

  const rush = await Promise.all(
    Array.from({ length: 100 }, async (_, index) =>
      stores[index % stores.length]?.reserve({
        id: `rush ${index}`,
        accounts: [{ ...day, id: "2026-01-02" }],
        amount,
      }),
    ),
  );
  expect(rush.filter((shortage) => shortage === undefined)).toHaveLength(50);
  await Promise.all(databases.slice(1).map((database) => database.close()));
});

test("waits for a database that is not available, and does nothing twice", async () => {
  await using database = await openOnServer();
  let breaks = 0;
  const flaky: Database = {
    ...database,
    query: async (text, values) => {
      const rows = await database.query(text, values);
      breaks += 1;
      // The answer is lost.
      if (breaks % 2) throw new Error("Connection terminated unexpectedly");
      return rows as never;
    },
  };
  const store = new PostgresBudgetStore({ database: flaky });
  const account = run("a", { picoUsd: 15n });
  expect(await store.reserve({ id: "1", accounts: [account], amount })).toBeUndefined();
  expect(await store.balance(account)).toMatchObject({ held: amount });
  await store.settle("1", { picoUsd: 7n, tokens: 1 });
  expect(await store.balance(account)).toEqual({
    spent: { picoUsd: 7n, tokens: 1 },
    held: { picoUsd: 0n, tokens: 0 },
  });
});
