import { startSandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import { Orchestra } from "@orchestra/core";
import { isOutage } from "../database/index.ts";
import { SharedGateway } from "./shared-gateway.ts";
import { openOnServer } from "../test-support/databases.ts";
import { environmentFor } from "../test-support/test-runtime.ts";
import { PostgresBudgetStore } from "./postgres-budget-store.ts";

const refuse = () =>
  Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));

test("a call whose budget cannot be reserved fails with an error about the database", async () => {
  await using sandbox = await startSandbox();
  await using database = await openOnServer();
  const orchestra = new Orchestra({
    environment: environmentFor(sandbox, { LLM_BUDGET_TOKENS_PER_RUN: "5000" }),
    budgetStore: new PostgresBudgetStore({ database: { ...database, query: refuse } }),
  });
  const failure = await orchestra.chat("Hello").catch((error: unknown) => error);
  expect(failure).toMatchObject({ reason: "limits_unavailable" });
  expect(isOutage(failure)).toBe(true);
  expect(sandbox.books.entries).toEqual([]);
});

test("the budget of a run stays spent, however many other runs the process executes in the meantime", async () => {
  await using sandbox = await startSandbox();
  await using database = await openOnServer();
  await using shared = new SharedGateway({
    database,
    environment: environmentFor(sandbox, { LLM_BUDGET_TOKENS_PER_RUN: "500" }),
    onError: (error) => expect.unreachable(String(error)),
  });
  const orchestra = new Orchestra(shared.gateway);
  const modest = orchestra.modelFor("writer", { maxTokens: 400 });
  const quiet = { configurable: { run_id: "quiet" } };
  const ask = () => modest.invoke("When was the lighthouse of Vell built?", quiet);
  await ask();
  await expect(
    (async () => {
      for (;;) await ask();
    })(),
  ).rejects.toMatchObject({ code: "budget_error" });
  const asked = sandbox.books.entries.length;

  // They are refused by their own budgets, so that none of them takes a request.
  const greedy = orchestra.modelFor("writer", { maxTokens: 10_000 });
  const others = Array.from({ length: 10_001 }, (_, index) => index);
  while (others.length > 0) {
    const some = others.splice(0, 50);
    const refused = await Promise.allSettled(
      some.map((index) =>
        greedy.invoke("Hello", index % 2 ? {} : { configurable: { run_id: `run-${index}` } }),
      ),
    );
    expect(refused.every(({ status }) => status === "rejected")).toBe(true);
  }
  await expect(ask()).rejects.toMatchObject({ code: "budget_error" });
  expect(sandbox.books.entries).toHaveLength(asked);
});
