import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { openRuntime, type Runtime } from "@orchestra/runtime";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { expect, inject } from "vitest";
import { startCli, type Running } from "./start-cli.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import answerConfig from "./answer.config.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A real PostgreSQL server. */
    readonly databaseUrl: string;
  }
}

/** A sandbox, a folder, and a schema on a PostgreSQL server. `runtime` starts runs, and workers execute them. */
export interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** The runtime of the test. It executes no runs. */
  readonly runtime: Runtime;
  /** Path of a file. If `GATE` is set to it, the tool of the workers waits until the file exists. */
  readonly gate: string;
  /** How often the tool was called. */
  searches(): Promise<number>;
  startWorker(args?: readonly string[], environment?: NodeJS.ProcessEnv): Running;
}

export const question = { task: "When was the lighthouse of Vell built?" };

export async function startStage(databaseUrl = inject("databaseUrl")): Promise<Stage> {
  const sandbox = await startSandbox();
  const folder = await temporaryFolder();
  const searches = join(folder.path, "searches");
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const environment = {
    DATABASE_URL: databaseUrl,
    ORCHESTRA_DATABASE_SCHEMA: schema,
    OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
    OPENROUTER_BASE_URL: sandbox.url,
    LLM_REQUESTS_PER_MINUTE: "none",
    LLM_REQUESTS_PER_DAY: "none",
    LLM_RETRY_DELAY: "0.002",
    LOG_LEVEL: "info",
    SEARCHES: searches,
  };
  const runtime = await openRuntime({ ...answerConfig, environment });
  const config = join(import.meta.dirname, "answer.config.ts");
  return {
    sandbox,
    folder: folder.path,
    environment,
    runtime,
    gate: join(folder.path, "gate"),
    searches: async () => (await readFile(searches, "utf8")).trimEnd().split("\n").length,
    startWorker: (args = [], more = {}) =>
      startCli(["worker", "--config", config, ...args], {
        folder: folder.path,
        environment: { ...environment, ...more },
      }),
    [Symbol.asyncDispose]: async () => {
      const { query } = runtime.database;
      for (const name of [schema, `${schema}_queue`]) {
        await query(`DROP SCHEMA IF EXISTS "${name}" CASCADE`);
      }
      await runtime.close();
      await sandbox.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Starts a run, and resolves when its tool waits for the gate. */
export async function runAtTheGate(stage: Stage): Promise<string> {
  const { id } = await stage.runtime.start("answer", question);
  await expect.poll(() => stage.searches().catch(() => 0)).toBe(1);
  return id;
}
