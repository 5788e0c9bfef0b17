import { Orchestra } from "@orchestra/core";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { expect, test } from "vitest";
import type { Database } from "../database/index.ts";
import { SharedGateway } from "./shared-gateway.ts";
import { openOnServer } from "../test-support/databases.ts";
import { environmentFor } from "../test-support/test-runtime.ts";

const question = [["human", "# Task\n\nWhen was the lighthouse of Vell built?"]] as [
  string,
  string,
][];
const freeModel = "openai/gpt-oss-20b:free";

function share(
  database: Database,
  sandbox: Sandbox,
  environment: Readonly<Record<string, string>> = {},
): SharedGateway {
  const none = { LLM_REQUESTS_PER_MINUTE: undefined, LLM_REQUESTS_PER_DAY: undefined };
  return new SharedGateway({
    database,
    environment: environmentFor(sandbox, { ...none, ...environment }),
    onError: (error) => {
      throw error;
    },
  });
}

const accountsOf = async ({ query, schema }: Database) =>
  query(`SELECT * FROM "${schema}".rate_limits`);

test("processes share the limit of free models, and paid models ask the database nothing", async () => {
  await using sandbox = await startSandbox();
  await using database = await openOnServer();
  await using first = share(database, sandbox);
  await using second = share(database, sandbox);

  await new Orchestra(first.gateway).chat(question);
  expect(await accountsOf(database)).toEqual([]);

  await new Orchestra(first.gateway).modelFor("writer", { model: freeModel }).invoke(question);
  await new Orchestra(second.gateway).modelFor("writer", { model: freeModel }).invoke(question);
  expect(await second.gateway.account.freeLimiter.state()).toMatchObject({
    limit: 20,
    day: { limit: 1000, used: 2 },
  });
  expect(await accountsOf(database)).toHaveLength(1);
});

test("a setting limits all requests of all processes, in addition to the limit of free models", async () => {
  await using sandbox = await startSandbox();
  await using database = await openOnServer();
  const environment = { LLM_REQUESTS_PER_DAY: "2" };
  await using first = share(database, sandbox, environment);
  await using second = share(database, sandbox, environment);

  await new Orchestra(first.gateway).chat(question);
  await new Orchestra(second.gateway).modelFor("writer", { model: freeModel }).invoke(question);
  await expect(new Orchestra(first.gateway).chat(question)).rejects.toThrow(
    "LLM_REQUESTS_PER_DAY=2",
  );
  expect(await accountsOf(database)).toHaveLength(2);
});
