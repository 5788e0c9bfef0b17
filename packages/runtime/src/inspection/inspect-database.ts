import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  explainFailure,
  holderOf,
  infoOf,
  migrations,
  missingMigrations,
  newerMigrations,
  openPglite,
  openPostgres,
  readAppliedMigrations,
  registerPassword,
  type AppliedMigration,
  type Database,
  type MigrationInfo,
  type OpenDatabaseOptions,
} from "../database/index.ts";
import { readLibraryTables, type LibraryTables } from "./library-tables.ts";

/** The state of a database. Inspecting it does not change it. */
export type DatabaseInspection =
  /** The embedded database is created when a runtime first opens it. */
  | {
      readonly state: "absent";
      readonly folder: string;
      readonly pending: readonly MigrationInfo[];
    }
  /** Another process has the embedded database open. */
  | { readonly state: "in-use"; readonly folder: string; readonly processId: number }
  | {
      readonly state: "open";
      /** Of the embedded database. */
      readonly folder?: string;
      /** Such as `17.2`. */
      readonly version: string;
      /** The current role, and whether it may create schemas, which Orchestra needs if tables are missing. */
      readonly role: string;
      readonly canCreate: boolean;
      /** Whether it is a replica, or read-only for another reason. */
      readonly isReadOnly: boolean;
      /** Whether no runtime has used the database: it has no tables yet. */
      readonly isEmpty: boolean;
      readonly applied: readonly AppliedMigration[];
      /** Migrations of this version that were not applied to the database. */
      readonly pending: readonly MigrationInfo[];
      /**
       * Those of {@link applied} that a newer version made. If one of them is breaking, this version
       * cannot use the database.
       */
      readonly newer: readonly AppliedMigration[];
      /** The tables of the queue and of the checkpoints. */
      readonly libraries: readonly LibraryTables[];
    };

/**
 * Inspects a database without migrating it.
 *
 * @throws {DatabaseError} if it cannot be opened, or the role may not read its tables
 */
export async function inspectDatabase(
  options: OpenDatabaseOptions = {},
): Promise<DatabaseInspection> {
  const { url, home = ".orchestra", schema = "orchestra", timeoutMs } = options;
  if (url === undefined) return inspectFolder(resolve(home), schema);
  registerPassword(url);
  await using database = await openPostgres({ url, schema, maxConnections: 1, timeoutMs });
  try {
    return await inspect(database);
  } catch (error) {
    throw await explainFailure(database, error);
  }
}

async function inspectFolder(folder: string, schema: string): Promise<DatabaseInspection> {
  const isThere = await stat(join(folder, "database", "PG_VERSION")).catch(() => undefined);
  if (!isThere) return { state: "absent", folder, pending: migrations.map(infoOf) };
  const processId = await holderOf(folder);
  if (processId !== undefined) return { state: "in-use", folder, processId };
  await using database = await openPglite({ folder, schema });
  return { ...(await inspect(database)), folder };
}

interface Server {
  readonly version: string;
  readonly role: string;
  readonly canCreate: boolean;
  readonly isReadOnly: boolean;
}

type OpenInspection = Extract<DatabaseInspection, { readonly state: "open" }>;

async function inspect(database: Database): Promise<OpenInspection> {
  const [server] = await database.query<Server>(
    `SELECT current_setting('server_version') AS version,
       current_user AS role,
       has_database_privilege(current_database(), 'CREATE') AS "canCreate",
       current_setting('transaction_read_only') = 'on' AS "isReadOnly"`,
  );
  const found = await readAppliedMigrations(database);
  const applied = found ?? [];
  return {
    state: "open",
    ...(server as Server),
    isEmpty: found === undefined,
    applied,
    pending: missingMigrations(applied, migrations).map(infoOf),
    newer: newerMigrations(applied, migrations),
    libraries: await readLibraryTables(database),
  };
}
