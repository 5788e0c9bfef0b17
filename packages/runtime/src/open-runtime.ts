import { checkInput } from "@orchestra/core/extend";
import { ArgumentError, Gateway } from "@orchestra/core/gateway";
import { makeCheckpointTables } from "./checkpoints/index.ts";
import {
  explainFailure,
  openDatabase,
  registerPassword,
  type Database,
  type MigrationInfo,
  type OpenDatabaseOptions,
} from "./database/index.ts";
import { Announcer } from "./events/index.ts";
import { requireLibraryTables } from "./inspection/library-tables.ts";
import { requireTableRights } from "./inspection/table-rights.ts";
import { RunQueue } from "./queue/run-queue.ts";
import { runtimeOptions } from "./runtime-arguments.ts";
import { resolveRuntimeSettings, type RuntimeSettings } from "./runtime-settings.ts";
import { Runtime } from "./runtime.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { ErrorReporter } from "./background/error-reporter.ts";

/**
 * Opens the runtime, and migrates its database.
 *
 * @throws {SettingsError} for invalid settings
 * @throws {ArgumentError} for options that cannot work, such as an `Orchestra` instead of its options
 * @throws {DatabaseError} if the database cannot be opened
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  checkInput(runtimeOptions, options, "openRuntime()");
  if (options.orchestra instanceof Gateway) {
    throw new ArgumentError(
      "openRuntime(): options.orchestra is an Orchestra: expected the options of one, such as orchestra: { settings: { maxRetries: 2 } }. The runtime makes its own.",
    );
  }
  const settings = resolveRuntimeSettings(options.settings, options.environment);
  registerPassword(settings.databaseUrl);
  const logger = options.orchestra?.logger;
  const log = (error: unknown) => void logger?.warn("runtime", { error });
  const errorReporter = new ErrorReporter(options.onError ?? log);
  const database =
    options.database ??
    (await openDatabase({
      ...databaseOptions(settings),
      onMigrate: (applied) => void logger?.info("database migrated", { applied }),
      onWarning: errorReporter.report,
    }));
  let queue: RunQueue | undefined;
  try {
    const { autoMigrate } = settings;
    const parts = await openParts(database, { autoMigrate, onError: errorReporter.report });
    queue = parts.queue;
    return new Runtime(options, { settings, database, errorReporter, ...parts });
  } catch (error) {
    await queue?.close();
    if (!options.database) await database.close();
    throw error;
  }
}

/**
 * Migrates the tables of a database to this version: the runtime's own, the queue's and those of the
 * checkpoints. Creates the tables if there are none.
 *
 * @returns the runtime's own migrations that this call applied
 * @throws {SettingsError} for invalid settings
 * @throws {DatabaseError} if the database cannot be opened, or a newer version has changed it in a way that
 * this one cannot work with
 */
export async function migrateDatabase(
  options: Pick<RuntimeOptions, "settings" | "environment"> = {},
): Promise<readonly MigrationInfo[]> {
  const settings = resolveRuntimeSettings(options.settings, options.environment);
  registerPassword(settings.databaseUrl);
  let applied: readonly MigrationInfo[] = [];
  const onMigrate = (migrations: readonly MigrationInfo[]) => {
    applied = migrations;
  };
  await using database = await openDatabase({
    ...databaseOptions({ ...settings, autoMigrate: true }),
    onMigrate,
  });
  const { queue } = await openParts(database, { autoMigrate: true, onError: ignore });
  await queue.close();
  return applied;
}

/** A queue that is closed at once: errors of its background work do not matter. */
const ignore = (): void => undefined;

function databaseOptions(settings: RuntimeSettings): OpenDatabaseOptions {
  return {
    url: settings.databaseUrl,
    home: settings.home,
    schema: settings.databaseSchema,
    maxConnections: settings.databaseConnections,
    timeoutMs: settings.databaseTimeoutMs,
    autoMigrate: settings.autoMigrate,
  };
}

/** Opens the queue, and creates the tables of its library and of the checkpoints. */
async function openParts(
  database: Database,
  { autoMigrate, onError }: { autoMigrate: boolean; onError: (error: unknown) => void },
) {
  const { schema } = database;
  try {
    if (!autoMigrate) await requireLibraryTables(database);
    await requireTableRights(database);
    await makeCheckpointTables(database);
    const announcer = new Announcer({
      database,
      eventsChannel: `${schema}_events`,
      workChannel: `${schema}_work`,
      onError,
    });
    const queue = await RunQueue.open({ database, announcer, onError });
    return { announcer, queue };
  } catch (error) {
    throw await explainFailure(database, error);
  }
}
