import { expect, test } from "vitest";
import { describeServerFirst } from "../test-support/databases.ts";
import { forgetOldBudgets } from "./forget-old-budgets.ts";
import { PostgresBudgetStore } from "./postgres-budget-store.ts";

const dayMs = 86_400_000;
const amount = { picoUsd: 1n, tokens: 1 };

describeServerFirst("old budgets", (open) => {
  test("are deleted, except that of a run which is still there, however old it is", async () => {
    await using database = await open();
    const schema = `"${database.schema}"`;
    const store = new PostgresBudgetStore({ database });
    const ids = async () => {
      const rows = await database.query<{ scope: string; id: string }>(
        `SELECT scope, id FROM ${schema}.budget_accounts`,
      );
      return rows.map(({ scope, id }) => `${scope} ${id}`).toSorted();
    };
    for (const ageDays of [0, 2, 40]) {
      for (const scope of ["call", "run", "day"] as const) {
        const id = `${scope} ${ageDays}`;
        await store.reserve({ id, accounts: [{ scope, id: String(ageDays), limit: {} }], amount });
      }
      for (const [table, column] of [
        ["budget_accounts", "opened_at = now() - age.value, updated_at"],
        ["budget_reservations", "reserved_at"],
      ]) {
        await database.query(
          `UPDATE ${schema}.${table} SET ${column} = now() - age.value
           FROM (SELECT $1::int * interval '1 day' AS value) AS age WHERE id ~ $2`,
          [ageDays, `(^| )${ageDays}$`],
        );
      }
    }
    await database.query(
      `INSERT INTO ${schema}.runs (id, pipeline, status, input, approval, priority, ended_at)
       VALUES ('40', 'p', 'failed', '{}', false, 0, now() - interval '39 days')`,
    );
    await forgetOldBudgets(database, 30 * dayMs);
    expect(await ids()).toEqual(["call 0", "day 0", "day 2", "run 0", "run 2", "run 40"]);
    expect(await store.balance({ scope: "run", id: "40" })).toMatchObject({ held: amount });
    const reservations = await database.query(`SELECT id FROM ${schema}.budget_reservations`);
    expect(reservations).toHaveLength(6);

    await database.query(`DELETE FROM ${schema}.runs`);
    await forgetOldBudgets(database, 30 * dayMs);
    expect(await ids()).toEqual(["call 0", "day 0", "day 2", "run 0", "run 2"]);
  });

  test("are kept until their day or month ends, and reservations for a day, at a shorter retention", async () => {
    await using database = await open();
    const store = new PostgresBudgetStore({ database });
    const accounts = (["day", "key_day", "key_month", "key"] as const).map((scope) => ({
      scope,
      id: "a",
      limit: {},
    }));
    await store.reserve({ id: "spent", accounts, amount });
    await store.settle("spent", amount);
    await store.reserve({ id: "open", accounts, amount });
    for (const columns of [
      ["budget_accounts", "opened_at", "updated_at"],
      ["budget_reservations", "reserved_at"],
    ]) {
      const [table, ...times] = columns;
      const earlier = times.map((time) => `${time} = now() - interval '20 hours'`);
      await database.query(`UPDATE "${database.schema}".${table} SET ${earlier.join(", ")}`);
    }
    await forgetOldBudgets(database, 3_600_000);
    await store.settle("open", amount);
    for (const account of accounts) {
      const { spent, held } = await store.balance(account);
      expect([account.scope, spent.tokens, held.tokens]).toEqual([account.scope, 2, 0]);
    }
  });
});
