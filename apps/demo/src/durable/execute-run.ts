import { createLogger, createRedactor, resolveSettings } from "@orchestra/core";
import {
  describeSkipped,
  openDocuments,
  withHybridSearch,
  type HybridDocuments,
} from "@orchestra/tools/documents";
import { hasEnded, openRuntime, type Run, type Runtime } from "@orchestra/runtime";
import { quietLogger } from "../quiet-logger.ts";
import { cancelLeftovers } from "./cancel-leftovers.ts";
import type { Job, Message } from "./messages.ts";
import { durablePipeline, type RunInput } from "./pipeline.ts";

export interface ExecuteRunOptions {
  /** Sends a message to the parent; resolves when it is sent. */
  readonly tell: (message: Message) => Promise<void>;
  /** Aborted when the user stops the demo: the run is cancelled, and can be resumed. */
  readonly signal: AbortSignal;
}

/** Starts or continues a durable run, executes it, and reports its events. */
export async function executeRun(job: Job, { tell, signal }: ExecuteRunOptions): Promise<void> {
  const note = (text: string) => void tell({ type: "note", text });
  const openFolder = async (folder: string) => {
    const opened = await openDocuments(folder, {
      signal,
      onProgress: (progress) => void tell({ type: "documents", progress }),
    });
    const skipped = describeSkipped(opened.skipped);
    if (skipped !== undefined) note(skipped);
    return opened;
  };
  // Before the database is opened: for a folder that does not exist, none is created.
  const atHand = job.kind === "start" ? await openFolder(job.folder) : undefined;

  const documents = Promise.withResolvers<HybridDocuments>();
  const settings = resolveSettings();
  await using runtime = await openRuntime({
    pipelines: [durablePipeline(documents.promise)],
    orchestra: {
      logger: job.logs
        ? createLogger({ level: settings.logLevel, redact: createRedactor(settings) })
        : quietLogger(note),
    },
  });
  const { backend } = runtime.database;
  await tell({ type: "database", backend });
  await cancelLeftovers(runtime, job.runId);

  const run = await findRun(runtime, job);
  const { task, folder } = run.input as RunInput;
  const opened = atHand ?? (await openFolder(folder));
  documents.resolve(await withHybridSearch(opened, runtime.gateway, { signal }));
  await tell({ type: "run", question: task, lastEvent: run.lastEvent });

  const stop = () => void cancel(runtime, run.id);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  await runtime.work({ concurrency: 1, name: `demo ${process.pid}` });
  if (job.kind === "resume") await goOn(runtime, run);
  await follow(runtime, job, tell);
}

function findRun(runtime: Runtime, job: Job): Promise<Run> {
  const { runId: id } = job;
  if (job.kind === "resume") return runtime.get(id);
  const input: RunInput = { task: job.question, folder: job.folder };
  return runtime.start("demo", input, { id });
}

/** Puts a run that left the queue back into it. A run whose worker was killed is still in it. */
async function goOn(runtime: Runtime, { id, cancelReason }: Run): Promise<void> {
  // Cancelled while no worker had it: the cancellation takes effect when a worker takes it.
  const run = cancelReason === undefined ? await runtime.get(id) : await runtime.wait(id);
  const isParked = run.waiting?.for === "quota";
  if (run.status === "failed" || run.status === "cancelled" || isParked) await runtime.resume(id);
}

async function follow(runtime: Runtime, job: Job, tell: ExecuteRunOptions["tell"]): Promise<void> {
  const after = job.kind === "resume" ? job.after : "0";
  for await (const event of runtime.events(job.runId, { after })) {
    await tell({ type: "event", event });
    if (event.type === "run-waiting" && event.waiting.for === "quota") {
      const { until } = event.waiting;
      return tell({ type: "ending", ending: { kind: "parked", until } });
    }
  }
  const { status, output, error } = await runtime.get(job.runId);
  const run = { status, output, ...(error ? { error } : {}) };
  return tell({ type: "ending", ending: { kind: "ended", run } });
}

/** Cancels the run and closes the database. There may be no time for anything else. */
async function cancel(runtime: Runtime, id: string): Promise<void> {
  const run = await runtime.get(id);
  if (!hasEnded(run)) {
    await runtime.cancel(id, "stopped by the user");
    await runtime.wait(id);
  }
  await runtime.database.close();
  process.exit();
}
