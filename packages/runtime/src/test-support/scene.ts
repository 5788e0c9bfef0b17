import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { inject } from "vitest";
import type { Database } from "../database/index.ts";
import { openRuntime } from "../open-runtime.ts";
import type { Runtime } from "../runtime.ts";
import { openOnServer } from "./databases.ts";
import { deadlyPipeline } from "./deadly-pipeline.ts";
import { answerPipeline, environmentFor } from "./test-runtime.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** A sandbox, tables on the server, and a runtime on them that executes nothing yet. */
export interface Scene extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly database: Database;
  readonly runtime: Runtime;
  readonly startProcess: (name: string) => Promise<WorkerProcess>;
}

export async function setScene(): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const sandbox = stack.use(await startSandbox());
  const database = stack.use(await openOnServer());
  const environment = environmentFor(sandbox);
  const runtime = stack.use(
    await openRuntime({ pipelines: [answerPipeline, deadlyPipeline], database, environment }),
  );
  const { schema } = database;
  const databaseUrl = inject("databaseUrl");
  const all = stack.move();
  return {
    sandbox,
    database,
    runtime,
    startProcess: (name) => startWorkerProcess({ databaseUrl, schema, environment, name }),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
