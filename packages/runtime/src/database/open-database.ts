import type { Database, DatabaseBackend } from "./database.ts";
import { migrate } from "./migrate.ts";
import { openPglite } from "./open-pglite.ts";
import { openPostgres } from "./open-postgres.ts";

export interface OpenDatabaseOptions {
  /** `postgresql://user:password@host:5432/name`. Env `DATABASE_URL`. @defaultValue embedded PGlite */
  readonly url?: string | undefined;
  /** Folder of the embedded database. Env `ORCHESTRA_HOME`. @defaultValue `.orchestra` in the working folder */
  readonly home?: string | undefined;
  /** What answers at the URL. Env `ORCHESTRA_DATABASE_BACKEND`. @defaultValue `postgres` */
  readonly backend?: DatabaseBackend | undefined;
  /** @defaultValue `orchestra` */
  readonly schema?: string | undefined;
  /** Most connections of this process, beside the one that listens. @defaultValue `10` */
  readonly maxConnections?: number | undefined;
}

/**
 * Opens the database, and brings it to this version's shape.
 *
 * @throws {DatabaseError} where it cannot be opened
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const { url, home = ".orchestra", schema = "orchestra", maxConnections = 10 } = options;
  const { backend = url === undefined ? "pglite" : "postgres" } = options;
  const database =
    url === undefined || backend === "pglite"
      ? await openPglite({ folder: home, schema })
      : await openPostgres({ url, backend, schema, maxConnections });
  try {
    await migrate(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}
