import { randomUUID } from "node:crypto";
import { openDatabase } from "@orchestra/runtime";
import { startSandbox } from "@orchestra/sandbox";
import { expect, inject, test } from "vitest";
import { runHere } from "../test-support/run-here.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

test("orchestra usage sums up the runs, and says what the key has used", async () => {
  await using sandbox = await startSandbox();
  await using place = await temporaryFolder();
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const url = inject("databaseUrl");
  const environment = {
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    DATABASE_URL: url,
    ORCHESTRA_DATABASE_SCHEMA: schema,
  };
  const orchestra = (...args: readonly string[]) =>
    runHere(args, { folder: place.path, environment, columns: 60 });
  for (const task of ["One?", "Two?"]) expect((await orchestra("run", task)).code).toBe(0);

  const { costUsd } = sandbox.books.totals();
  const { code, stdout } = await orchestra("usage", "--json", "--by", "status");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    lines: { succeeded: { runs: 2, calls: 2, costUsd } },
    total: { runs: 2 },
    key: { usageUsd: costUsd, freeRequestsLeftToday: 1000 },
  });
  const text = await orchestra("usage");
  expect(text.stdout).toMatch(/^orchestra-chat: \$0\.0\d+\n {2}2 runs, 2 calls, \d+ tokens\n/);
  expect(text.stdout).toContain("1,000 free requests left today");
  await using database = await openDatabase({ url, schema, maxConnections: 2 });
  for (const name of [schema, `${schema}_queue`]) {
    await database.query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
  }
});
