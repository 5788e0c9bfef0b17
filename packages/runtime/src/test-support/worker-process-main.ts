import { openPostgres } from "../database/index.ts";
import { openRuntime } from "../open-runtime.ts";
import { deadlyPipeline } from "./deadly-pipeline.ts";
import { answerPipeline } from "./test-runtime.ts";
import type { WorkerProcessOptions } from "./worker-process.ts";

const options = JSON.parse(process.argv[2] ?? "") as WorkerProcessOptions;
const { databaseUrl: url, schema, environment, name } = options;

// The parent process has ended and cannot end it.
process.once("disconnect", () => process.exit(1));

const database = await openPostgres({ url, schema, maxConnections: 5 });
const runtime = await openRuntime({
  pipelines: [answerPipeline, deadlyPipeline],
  database,
  environment,
  onError: (error) => process.stderr.write(`${String(error)}\n`),
});
await runtime.work({ name });
process.send?.("at work");
