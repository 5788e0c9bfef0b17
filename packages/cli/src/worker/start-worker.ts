import { resolve } from "node:path";
import { createRedactor, type Logger, type Settings } from "@orchestra/core/gateway";
import { createDefaultLogger } from "@orchestra/core/extend";
import {
  isOutage,
  NotificationsError,
  openRuntime,
  type Runtime,
  type RuntimeSettings,
  type Worker,
} from "@orchestra/runtime";
import { openTracing, type Tracing } from "@orchestra/server/tracing";
import {
  ConfigError,
  loadConfig,
  resolveConfigSettings,
  type ResolvedConfig,
} from "../config/index.ts";
import { prepareHome } from "../embedded-home.ts";
import type { Surroundings } from "../surroundings.ts";
import { describeDatabase } from "./describe-database.ts";

/** What the command line says of a worker. */
export interface StartWorkerOptions {
  /** File of the config, as the user typed it. @defaultValue the one in the working folder */
  readonly config?: string | undefined;
  /** Runs at one time. */
  readonly concurrency: number;
  /** How long runs in progress may take when the worker stops, in seconds. */
  readonly grace: number;
  /** @defaultValue the host's name and the process's number */
  readonly name?: string | undefined;
}

/** A worker at work, and what belongs to it. */
export interface StartedWorker {
  readonly worker: Worker;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Absent where no collector is set. */
  readonly tracing: Tracing | undefined;
}

/** @throws {ConfigError} {@link UsageError} {@link SettingsError} {@link DatabaseError} */
export async function startWorker(
  options: StartWorkerOptions,
  { environment, folder, signal }: Surroundings,
): Promise<StartedWorker> {
  const config = await loadConfig({ folder, path: options.config });
  if (config.pipelines.length === 0) throw new ConfigError(noPipelines);
  const settings = resolveConfigSettings(config, environment);
  const logger = config.orchestra?.logger ?? loggerFor(settings.models);
  const { databaseUrl, home } = settings.runtime;
  if (databaseUrl === undefined) await prepareHome(resolve(folder, home));
  sayWhatStarts(logger, config, settings.runtime, options);

  const runtime = await openRuntime({
    ...config,
    environment,
    orchestra: { ...config.orchestra, logger },
    onError: (error) => logBackgroundError(logger, error),
  });
  const tracing = await openTracing(runtime.gateway);
  signal.throwIfAborted();
  const { name, concurrency, grace } = options;
  const worker = await runtime.work({ name, concurrency, graceMs: grace * 1000 });
  logger.info("waiting for runs", { worker: worker.name });
  return { worker, runtime, logger, tracing };
}

const noPipelines =
  "The config has no pipelines: expected those whose runs the worker executes, as pipelines: [definePipeline({ name, create })]. For agents alone, start orchestra serve.";

function logBackgroundError(logger: Logger, error: unknown): void {
  // The worker logs itself that the database is not available. Everything else that needs it would repeat that.
  if (isOutage(error)) return;
  if (NotificationsError.isInstance(error)) logger.warn(error.message);
  else logger.error("background", { error });
}

function sayWhatStarts(
  logger: Logger,
  { pipelines }: ResolvedConfig,
  settings: RuntimeSettings,
  { concurrency, grace: graceSeconds }: StartWorkerOptions,
): void {
  const { isEmbedded, ...database } = describeDatabase(settings);
  const names = pipelines.map(({ name }) => name);
  logger.info("worker starts", { ...database, pipelines: names, concurrency, graceSeconds });
  if (!isEmbedded) return;
  logger.warn(
    "only one process at a time can use the embedded database: no other process can execute or start runs; set DATABASE_URL to a PostgreSQL server, which all can share",
  );
}

function loggerFor(settings: Settings): Logger {
  return createDefaultLogger({ level: settings.logLevel, redact: createRedactor(settings) });
}
