import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import { maxClosingMs } from "./closing.ts";
import { ConnectionUrlError, describeConnectionUrl } from "./connection-url.ts";
import { adviceFor } from "./database-advice.ts";
import type { Database } from "./database.ts";
import { DatabaseError, reasonOf } from "./database-error.ts";
import { ListeningConnection } from "./listening-connection.ts";
import { NotificationsError } from "./notifications-error.ts";
import { PooledDatabase } from "./pooled-database.ts";
import { PostgresServer } from "./postgres-server.ts";
import { quoted } from "./quoted.ts";
import { watchForSuspectConnections } from "./suspect-connections.ts";

export interface OpenPostgresOptions {
  /** `postgresql://user:password@host:5432/name`; several hosts are separated by commas. */
  readonly url: string;
  readonly schema: string;
  /** Maximum connections for statements; there is one more to listen, one for heartbeats, and one for maintenance of the queue. */
  readonly maxConnections: number;
  /** Maximum time of a statement, in milliseconds. @defaultValue none */
  readonly timeoutMs?: number | undefined;
  /** Maximum time to connect, and to wait for a free connection, in milliseconds. @defaultValue `10_000` */
  readonly connectTimeoutMs?: number | undefined;
  /** Receives problems that are not fatal, once. */
  readonly onWarning?: ((warning: Error) => void) | undefined;
}

/** A failed heartbeat must be repeated before the lease expires. */
const maxHeartbeatTimeoutMs = 3000;
/** Factor by which maintenance of the queue may take longer than other statements. */
const backgroundFactor = 6;

/** @throws {DatabaseError} if the server does not answer or refuses the connection */
export async function openPostgres(options: OpenPostgresOptions): Promise<Database> {
  const { url, schema, maxConnections, timeoutMs, connectTimeoutMs, onWarning } = options;
  const server = serverOf(url);
  const ordinary = { timeoutMs, connectTimeoutMs };
  const pool = server.createPool(maxConnections, ordinary);
  const backgroundPool = server.createPool(1, {
    ...ordinary,
    timeoutMs: timeoutMs && timeoutMs * backgroundFactor,
  });
  const heartbeatTimeoutMs = Math.min(timeoutMs ?? Infinity, maxHeartbeatTimeoutMs);
  const heartbeatPool = server.createPool(1, {
    timeoutMs: heartbeatTimeoutMs,
    connectTimeoutMs: heartbeatTimeoutMs,
  });
  const listener = new ListeningConnection(() => server.createClient(ordinary));
  watchForSuspectConnections({
    pools: [pool, backgroundPool, heartbeatPool],
    slowPool: backgroundPool,
    onLoss: () => void listener.check(),
  });
  const database = new PooledDatabase({
    backend: "postgres",
    schema,
    pool,
    backgroundPool,
    heartbeatPool,
    listener,
    onNotificationsMissing: () => onWarning?.(new NotificationsError()),
    exclusively: (name, work) => exclusively(server, schema, name, work),
    closing: (closed) => breakAfter(server, closed),
  });
  try {
    await connect(pool, server);
    return database;
  } catch (error) {
    await database.close();
    throw new DatabaseError(
      `The database at ${describeConnectionUrl(url)} cannot be used: ${reasonOf(error)}`,
      { advice: adviceFor(error), cause: error },
    );
  }
}

/** @throws {DatabaseError} */
function serverOf(url: string): PostgresServer {
  try {
    return new PostgresServer(url);
  } catch (error) {
    if (!(error instanceof ConnectionUrlError)) throw error;
    throw new DatabaseError(`The URL of the database ${error.message}`, { cause: error });
  }
}

async function connect(pool: Pool, server: PostgresServer): Promise<void> {
  try {
    await pool.query("SELECT 1");
  } catch (error) {
    // The first connection detects that the server refuses the timeouts; the next one does not send them.
    if (server.acceptsTimeouts) throw error;
    await pool.query("SELECT 1");
  }
}

/** Holds a row lock for as long as the work takes, on a separate connection. */
async function exclusively<T>(
  server: PostgresServer,
  schema: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const pool = server.createPool(1, {});
  try {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      await client.query(`SELECT name FROM ${quoted(schema)}.locks WHERE name = $1 FOR UPDATE`, [
        name,
      ]);
      return await work();
    } finally {
      await client.query("COMMIT").catch(() => undefined);
      client.release();
    }
  } finally {
    await pool.end();
  }
}

/** Closes connections that a server keeps open without answering. */
async function breakAfter(server: PostgresServer, closed: Promise<void>): Promise<void> {
  const isClosed = new AbortController();
  const late = sleep(maxClosingMs, undefined, { signal: isClosed.signal }).then(
    () => server.breakConnections(),
    () => undefined,
  );
  await closed.finally(() => isClosed.abort());
  await late;
}
