import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "@orchestra/core";
import { valueOf } from "../value-of.ts";

export interface LockDatabaseOptions {
  readonly signal: AbortSignal;
  /** Called once if another demo has the lock. */
  readonly onWait: () => void;
}

const lookAgainMs = 300;

/**
 * Locks the schema of a PostgreSQL server for this demo: its worker has the documents of one run, and must not take the
 * run of another demo. An embedded database needs no lock: only one process can open it.
 *
 * @throws {SettingsError} {@link DatabaseError} the signal's reason
 */
export async function lockDatabase(
  environment: Environment,
  { signal, onWait }: LockDatabaseOptions,
): Promise<AsyncDisposable> {
  if (valueOf(environment, "DATABASE_URL") === undefined) {
    return { [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  // Imported here, because it loads the drivers of the databases.
  const { openDatabase, resolveRuntimeSettings } = await import("@orchestra/runtime");
  const { databaseUrl, databaseSchema } = resolveRuntimeSettings({}, environment);
  const database = await openDatabase({
    url: databaseUrl,
    schema: databaseSchema,
    maxConnections: 1,
  });
  // The lock belongs to this connection, so PostgreSQL releases it even if this process is killed.
  const connection = await database.pool.connect();
  const release = async () => {
    connection.release(true);
    await database.close();
  };
  const take = async () => {
    const lock = "SELECT pg_try_advisory_lock(hashtext($1)) AS got";
    const { rows } = await connection.query<{ got: boolean }>(lock, [`${databaseSchema}: demo`]);
    return rows[0]?.got === true;
  };
  try {
    if (await take()) return { [Symbol.asyncDispose]: release };
    onWait();
    do await sleep(lookAgainMs, undefined, { signal });
    while (!(await take()));
    return { [Symbol.asyncDispose]: release };
  } catch (error) {
    await release();
    throw error;
  }
}
