import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { openRuntime } from "@orchestra/runtime";
import { lighthousePipeline, type PipelineOptions } from "./pipeline.ts";

/** The first message to a worker process. The second message stops it. */
export interface WorkerOrders {
  readonly name: string;
  readonly databaseUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly pipeline: PipelineOptions;
  readonly concurrency: number;
  readonly windowMs: number;
}

/**
 * How often in a row a run may lose its worker without progress. With a kill every second, some runs lose it more than
 * three times, the default, by chance.
 */
const maxCrashes = 25;

// Called when the parent process has ended, and with it the servers.
const die = () => process.exit(1);
process.once("disconnect", die);
// Writes the compile cache now, because a killed process does not write it at its end.
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
