import { checkInput, schemas } from "@orchestra/core/extend";
import { z } from "zod";
import {
  infoOf,
  missingMigrations,
  readAppliedMigrations,
  type MigrationInfo,
} from "./applied-migrations.ts";
import { checkEncoding } from "./check-encoding.ts";
import { checkWritable } from "./check-writable.ts";
import { describeConnectionUrl } from "./connection-url.ts";
import type { Database } from "./database.ts";
import { DatabaseError } from "./database-error.ts";
import { explainFailure } from "./explain-failure.ts";
import { migrate } from "./migrate.ts";
import { migrations } from "./migrations/index.ts";
import { openPglite } from "./open-pglite.ts";
import { openPostgres } from "./open-postgres.ts";
import { outageOf } from "./outage.ts";
import { schemaName } from "./schema-name.ts";

export interface OpenDatabaseOptions {
  /**
   * `postgresql://user:password@host:5432/name`. With several hosts, separated by commas, connections are
   * made to the first one that accepts writes. Env `DATABASE_URL`. @defaultValue embedded PGlite
   */
  readonly url?: string | undefined;
  /** Folder of the embedded database. Env `ORCHESTRA_HOME`. @defaultValue `.orchestra` in the working folder */
  readonly home?: string | undefined;
  /** @defaultValue `orchestra` */
  readonly schema?: string | undefined;
  /**
   * Maximum connections of this process for statements. It has one more to listen, one for heartbeats, and one for
   * maintenance of the queue. Env `ORCHESTRA_DATABASE_CONNECTIONS`. @defaultValue `10`
   */
  readonly maxConnections?: number | undefined;
  /** Maximum time of a statement, in milliseconds. Env `ORCHESTRA_DATABASE_TIMEOUT`. @defaultValue `10_000` */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether the tables are migrated to this version. If not, a database that lacks migrations
   * is an error. Env `ORCHESTRA_AUTO_MIGRATE`. @defaultValue `true`
   */
  readonly autoMigrate?: boolean | undefined;
  /** Receives the migrations that were applied, if there were any. */
  readonly onMigrate?: ((applied: readonly MigrationInfo[]) => void) | undefined;
  /** Receives problems that are not fatal, such as notifications that do not arrive. */
  readonly onWarning?: ((warning: Error) => void) | undefined;
}

const openOptions = z.object({
  url: z.string().optional(),
  home: z.string().min(1, "is empty: expected a folder").optional(),
  schema: schemaName.optional(),
  maxConnections: schemas.positiveCount.optional(),
  timeoutMs: z.number().positive("must be above 0").optional(),
  autoMigrate: z.boolean().optional(),
  onMigrate: schemas.callback.optional(),
  onWarning: schemas.callback.optional(),
});

const defaultTimeoutMs = 10_000;

/**
 * Opens the database, and migrates it to this version.
 *
 * @throws {DatabaseError} if it cannot be opened, or the role lacks a privilege
 * @throws {ArgumentError} for a wrong option
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  checkInput(openOptions, options, "openDatabase()");
  const { url, home = ".orchestra", schema = "orchestra" } = options;
  if (url === undefined) return migrated(await openPglite({ folder: home, schema }), options);
  const { maxConnections = 10, timeoutMs = defaultTimeoutMs, onWarning } = options;
  // A migration may take longer than any other statement.
  const unlimited = await openPostgres({ url, schema, maxConnections: 1 });
  await migrated(unlimited, options).catch((error: unknown) => {
    throw outageOf(error) === "read-only" ? readOnlyError(url, error) : error;
  });
  await unlimited.close();
  return openPostgres({ url, schema, maxConnections, timeoutMs, onWarning });
}

function readOnlyError(url: string, cause: unknown): DatabaseError {
  return new DatabaseError(
    `The database at ${describeConnectionUrl(url)} does not accept writes: it is a standby, or its sessions are read-only`,
    { advice: "Name the primary server, or all servers, with commas between their hosts.", cause },
  );
}

async function migrated(
  database: Database,
  { autoMigrate = true, onMigrate }: OpenDatabaseOptions,
): Promise<Database> {
  try {
    await checkWritable(database.query);
    await checkEncoding(database.query);
    if (!autoMigrate) await requireMigrated(database);
    const applied = await migrate(database);
    if (applied.length > 0) onMigrate?.(applied.map(infoOf));
    return database;
  } catch (error) {
    const explained = await explainFailure(database, error);
    await database.close();
    throw explained;
  }
}

/** @throws {DatabaseError} if migrations are missing */
async function requireMigrated(database: Database): Promise<void> {
  const applied = (await readAppliedMigrations(database)) ?? [];
  const missing = missingMigrations(applied, migrations);
  if (missing.length === 0) return;
  const names = missing.map(({ id, name }) => `${id} (${name})`).join(", ");
  throw new DatabaseError(
    `The schema ${database.schema} of the database lacks migrations that this version needs: ${names}`,
    {
      advice:
        "ORCHESTRA_AUTO_MIGRATE is off, so this process does not apply them: run orchestra migrate with this version.",
    },
  );
}
