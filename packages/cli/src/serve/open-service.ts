import { resolve } from "node:path";
import { createRedactor, Gateway, resolveSettings, type Logger } from "@orchestra/core/gateway";
import { createDefaultLogger } from "@orchestra/core/extend";
import { openRuntime, resolveRuntimeSettings, type Runtime, type Worker } from "@orchestra/runtime";
import type { ServedAgent } from "@orchestra/server";
import { openTracing, type Tracing } from "@orchestra/server/tracing";
import { createAgents, loadConfigOrEmpty, type ResolvedConfig } from "../config/index.ts";
import { withDatabaseUrl } from "../database-url.ts";
import { hasEmbeddedDatabase, prepareHome } from "../embedded-home.ts";
import { misspeltRoles } from "../nearest-role.ts";
import type { CommandContext } from "../command-context.ts";
import { UsageError } from "../errors/usage-error.ts";

export interface OpenServiceOptions {
  /** Path of the config. @defaultValue the config in the working folder, if there is one */
  readonly config?: string | undefined;
  /** @defaultValue `DATABASE_URL` */
  readonly databaseUrl?: string | undefined;
  /** Whether this process executes runs too. */
  readonly worker: boolean;
  /** Maximum runs at one time. */
  readonly concurrency: number;
  readonly processes: number;
}

/** The parts that a server uses. */
export interface Service {
  readonly gateway: Gateway;
  /** Absent if there are neither pipelines nor a database. */
  readonly runtime: Runtime | undefined;
  /** Starts a worker in this process. Absent if this process executes no runs. */
  readonly startWorker: (() => Promise<Worker>) | undefined;
  readonly agents: readonly ServedAgent[];
  readonly logger: Logger;
  /** Absent if no collector is set. */
  readonly tracing: Tracing | undefined;
}

/**
 * Opens the parts that a server uses: a runtime if the config has pipelines or there is a database, else only a
 * gateway.
 *
 * @throws {ConfigError} {@link UsageError} {@link SettingsError} {@link DatabaseError}
 */
export async function openService(
  options: OpenServiceOptions,
  graceMs: number,
  { folder, environment, signal }: CommandContext,
): Promise<Service> {
  const config = await configOf(options, folder);
  const models = resolveSettings(config.orchestra?.settings, environment);
  const redact = createRedactor(models);
  const logger =
    config.orchestra?.logger ?? createDefaultLogger({ level: models.logLevel, redact });
  const orchestra = { ...config.orchestra, logger };
  const runtimeSettings = resolveRuntimeSettings(config.settings, environment);
  const { databaseUrl } = runtimeSettings;
  const home = resolve(folder, runtimeSettings.home);
  const hasPipelines = config.pipelines.length > 0;
  if (databaseUrl === undefined) refuseEmbedded(options, hasPipelines);
  // The database can have keys of clients. Without reading it, the server would accept all clients.
  const needsDatabase =
    hasPipelines || databaseUrl !== undefined || (await hasEmbeddedDatabase(home));
  if (needsDatabase && databaseUrl === undefined) await prepareHome(home);
  const runtime = needsDatabase
    ? await openRuntime({ ...config, environment, orchestra })
    : undefined;
  try {
    signal.throwIfAborted();
    const gateway = runtime?.gateway ?? new Gateway({ ...orchestra, environment });
    // Created before the server starts, so that the gateway knows the roles of these agents. The agents of pipelines
    // are created when a run begins.
    const agents = await createAgents(config, gateway);
    const roles = agents.map(({ role }) => role.name);
    for (const warning of misspeltRoles(models, roles)) void logger.warn(warning);
    const { worker: isWorking, concurrency } = options;
    const startWorker =
      runtime && isWorking && hasPipelines
        ? () => runtime.work({ concurrency, graceMs })
        : undefined;
    const tracing = await openTracing(gateway);
    return { gateway, runtime, startWorker, agents, logger, tracing };
  } catch (error) {
    await runtime?.close();
    throw error;
  }
}

async function configOf(
  { config: path, databaseUrl }: OpenServiceOptions,
  folder: string,
): Promise<ResolvedConfig> {
  const config = await loadConfigOrEmpty({ folder, path });
  return { ...config, settings: withDatabaseUrl(config.settings, databaseUrl) };
}

/** @throws {UsageError} for options that need several processes on one database */
function refuseEmbedded({ worker, processes }: OpenServiceOptions, hasRuns: boolean): void {
  const advice =
    "The embedded database can be opened by one process only. Set DATABASE_URL or --database-url to a PostgreSQL server";
  if (processes > 1) {
    throw new UsageError(
      `--processes ${processes} needs a database that all processes share. ${advice}.`,
    );
  }
  if (hasRuns && !worker) {
    throw new UsageError(
      `With --no-worker, no process would execute the runs. ${advice}, and start orchestra worker.`,
    );
  }
}
