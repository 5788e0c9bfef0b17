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
import type { CommandContext } from "../command-context.ts";
import { describeDatabase } from "./describe-database.ts";

/** Options of `orchestra worker`. */
export interface StartWorkerOptions {
  /** Path of the config. @defaultValue the config in the working folder */
  readonly config?: string | undefined;
  /** Maximum runs at one time. */
  readonly concurrency: number;
  /** Time for runs in progress to end when the worker stops, in seconds. */
  readonly grace: number;
  /** @defaultValue the name of the host, and the number of the process */
  readonly name?: string | undefined;
}

/** A started worker, with the parts that end with it. */
export interface StartedWorker {
  readonly worker: Worker;
  readonly runtime: Runtime;
  readonly logger: Logger;
  /** Absent if no collector is set. */
  readonly tracing: Tracing | undefined;
}

/**
 * Loads the config, opens the runtime and starts a worker.
 *
 * @throws {ConfigError} {@link UsageError} {@link SettingsError} {@link DatabaseError}
 */
export async function startWorker(
  options: StartWorkerOptions,
  { environment, folder, signal }: CommandContext,
): Promise<StartedWorker> {
  const config = await loadConfig({ folder, path: options.config });
  if (config.pipelines.length === 0) throw new ConfigError(noPipelines);
  const settings = resolveConfigSettings(config, environment);
  const logger = config.orchestra?.logger ?? loggerFor(settings.models);
  const { databaseUrl, home } = settings.runtime;
  if (databaseUrl === undefined) await prepareHome(resolve(folder, home));
  logStart(logger, config, settings.runtime, options);

  const runtime = await openRuntime({
    ...config,
    environment,
    orchestra: { ...config.orchestra, logger },
    onError: (error) => logBackgroundError(logger, error),
  });
  let tracing: Tracing | undefined;
  try {
    signal.throwIfAborted();
    tracing = await openTracing(runtime.gateway);
    const { name, concurrency, grace } = options;
    const worker = await runtime.work({ name, concurrency, graceMs: grace * 1000 });
    logger.info("waiting for runs", { worker: worker.name });
    return { worker, runtime, logger, tracing };
  } catch (error) {
    await runtime.close();
    await tracing?.close();
    throw error;
  }
}

const noPipelines =
  "The config has no pipelines: expected those whose runs the worker executes, as pipelines: [definePipeline({ name, create })]. For agents alone, start orchestra serve.";

function logBackgroundError(logger: Logger, error: unknown): void {
  // The worker itself logs once that the database is not available. Other parts would log the same again.
  if (isOutage(error)) return;
  if (NotificationsError.isInstance(error)) logger.warn(error.message);
  else logger.error("background work failed", { error });
}

function logStart(
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
