import { setTimeout as sleep } from "node:timers/promises";
import { Orchestra } from "@orchestra/core";
import {
  DIALECTS,
  dialectModel,
  startSandbox,
  type Dialect,
  type Sandbox,
} from "@orchestra/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OpenBudgets } from "./open-budgets.ts";
import { workloads, type Bench, type WorkloadName } from "./workloads.ts";

/** Number of dialects that run at once: some of them pause. */
const concurrency = 8;

/** Workloads of a dialect, in the order of {@link workloads}. */
export type ChooseWorkloads = (dialect: Dialect, index: number) => readonly WorkloadName[];

/** Workloads on all dialects, a test for each cell. */
export function describeMatrix(choose: ChooseWorkloads): void {
  const rows = DIALECTS.map((dialect, index) => ({ dialect, names: choose(dialect, index) }));
  const cells = new Map<string, PromiseWithResolvers<void>>(
    rows.flatMap(({ dialect, names }) =>
      names.map((name) => [`${dialect.name} ${name}`, Promise.withResolvers<void>()] as const),
    ),
  );
  let sandbox: Sandbox;
  let running: Promise<unknown>;

  async function runDialect({ dialect, names }: (typeof rows)[number]): Promise<void> {
    const bench = openBench(dialect, sandbox);
    // On a busy machine, loading the catalog can take longer than a call waits for it.
    while ((await bench.orchestra.catalog.list()).size === 0) await sleep(200);
    for (const name of names) {
      const cell = cells.get(`${dialect.name} ${name}`);
      await workloads[name](bench).then(cell?.resolve, cell?.reject);
    }
  }

  async function runAll(): Promise<void> {
    const queue = rows.values();
    const work = async () => {
      for (const row of queue) await runDialect(row);
    };
    await Promise.all(Array.from({ length: concurrency }, work));
  }

  beforeAll(async () => {
    sandbox = await startSandbox();
    // Handled here, so that a cell that fails before its test awaits it is not an unhandled rejection.
    for (const { promise } of cells.values()) promise.catch(() => undefined);
    running = runAll();
  });

  afterAll(async () => {
    await running;
    await sandbox.close();
  });

  describe(`${DIALECTS.length} dialects, ${cells.size} cells`, () => {
    describe.each(rows)("$dialect.name", ({ dialect, names }) => {
      test.each(names)("%s", async (name) => {
        const cell = cells.get(`${dialect.name} ${name}`)?.promise;
        await expect(cell).resolves.toBeUndefined();
      });
    });
  });
}

function openBench(dialect: Dialect, sandbox: Sandbox): Bench {
  const model = dialectModel(dialect);
  const budgets = new OpenBudgets();
  const orchestra = new Orchestra({
    budgetStore: budgets,
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-dialects-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_DEFAULT_MODEL: model,
      LLM_MAX_CONCURRENCY: "2",
      LLM_RETRY_DELAY: "0.01",
      LLM_BUDGET_TOKENS_PER_DAY: "10000000",
      LLM_BUDGET_USD_PER_DAY: "100",
      LOG_LEVEL: "silent",
    },
  });
  return {
    orchestra,
    budgets,
    entries: () => sandbox.books.entries.filter(({ modelAsked }) => modelAsked === model),
    reportsUsage: dialect.reportsUsage ?? true,
    answersAll: dialect.refuse === undefined,
  };
}
