import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { openRuntime } from "@orchestra/runtime";
import { lighthousePipeline, type PipelineOptions } from "./pipeline.ts";

/** What a worker process is told by its first message; the second one says to stop. */
export interface WorkerOrders {
  readonly name: string;
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly pipeline: PipelineOptions;
  readonly concurrency: number;
  readonly windowMs: number;
}

/**
 * So often in a row a run may lose its worker without getting on. Kills that come every second hit
 * some runs three times by chance alone, which says nothing against these runs.
 */
const maxCrashes = 25;

// The parent process is gone, and with it the servers.
const die = () => process.exit(1);
process.once("disconnect", die);
// A process that is killed leaves nothing to those after it unless it does so now.
flushCompileCache();

const [orders] = (await once(process, "message")) as [WorkerOrders];
const { name, databaseUrl, environment, pipeline, concurrency, windowMs } = orders;

const runtime = await openRuntime({
  pipelines: [lighthousePipeline(pipeline)],
  settings: { databaseUrl },
  environment,
  maxCrashes,
  limits: { windowMs },
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
await runtime.work({ name, concurrency });

await once(process, "message");
await runtime.close();
process.off("disconnect", die).disconnect();
