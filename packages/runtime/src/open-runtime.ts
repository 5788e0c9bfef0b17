import { DurableSaver } from "./checkpoints/index.ts";
import { openDatabase, registerPassword, type OpenDatabaseOptions } from "./database/index.ts";
import { Announcer } from "./events/index.ts";
import { RunQueue } from "./queue/run-queue.ts";
import { resolveRuntimeSettings, type RuntimeSettings } from "./runtime-settings.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";
import { Troubles } from "./troubles.ts";

/**
 * Opens the runtime, and migrates its database.
 *
 * @throws {SettingsError} for settings that are wrong
 * @throws {DatabaseError} if the database cannot be opened
 */
export async function openRuntime(options: RuntimeOptions): Promise<Runtime> {
  const settings = resolveRuntimeSettings(options.settings, options.environment);
  registerPassword(settings.databaseUrl);
  const logger = options.orchestra?.logger;
  const log = (error: unknown) => void logger?.warn("runtime", { error });
  const troubles = new Troubles(options.onError ?? log);
  const database =
    options.database ??
    (await openDatabase({ ...databaseOptions(settings), onWarning: troubles.report }));
  try {
    const saver = await DurableSaver.open(database);
    const { schema } = database;
    const announcer = new Announcer({
      database,
      eventsChannel: `${schema}_events`,
      workChannel: `${schema}_work`,
      onError: troubles.report,
    });
    const queue = await RunQueue.open({ database, announcer, onError: troubles.report });
    return new Runtime(options, { settings, database, queue, announcer, saver, troubles });
  } catch (error) {
    if (!options.database) await database.close();
    throw error;
  }
}

function databaseOptions(settings: RuntimeSettings): OpenDatabaseOptions {
  return {
    url: settings.databaseUrl,
    home: settings.home,
    schema: settings.databaseSchema,
    maxConnections: settings.databaseConnections,
    timeoutMs: settings.databaseTimeoutMs,
  };
}
