import { Pool, type ClientConfig } from "pg";
import type { Database, DatabaseBackend } from "./database.ts";
import { DatabaseError } from "./database-error.ts";
import { PooledDatabase } from "./pooled-database.ts";
import { ListeningConnection } from "./listening-connection.ts";

export interface OpenPostgresOptions {
  /** `postgresql://user:password@host:5432/name` */
  readonly url: string;
  readonly backend: Exclude<DatabaseBackend, "pglite">;
  readonly schema: string;
  /** Most connections at one time, beside the one that listens. */
  readonly maxConnections: number;
}

const connectTimeoutMs = 10_000;

/** @throws {DatabaseError} if the server does not answer or refuses the connection */
export async function openPostgres(options: OpenPostgresOptions): Promise<Database> {
  const { url, backend, schema, maxConnections } = options;
  const config: ClientConfig = {
    connectionString: url,
    application_name: "orchestra",
    connectionTimeoutMillis: connectTimeoutMs,
  };
  const pool = new Pool({ ...config, max: maxConnections, idleTimeoutMillis: 30_000 });
  const database = new PooledDatabase({
    backend,
    schema,
    pool,
    ears: new ListeningConnection(config),
    exclusively: (name, work) => exclusively(config, schema, name, work),
  });
  try {
    await pool.query("SELECT 1");
    return database;
  } catch (error) {
    await database.close();
    throw new DatabaseError(`${unreachable(url)}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Holds a row lock for as long as the work takes, on a connection of its own. */
async function exclusively<T>(
  config: ClientConfig,
  schema: string,
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const pool = new Pool({ ...config, max: 1 });
  pool.on("error", () => undefined);
  try {
    const client = await pool.connect();
    client.on("error", () => undefined);
    try {
      await client.query("BEGIN");
      await client.query(`SELECT name FROM "${schema}".locks WHERE name = $1 FOR UPDATE`, [name]);
      return await work();
    } finally {
      await client.query("COMMIT").catch(() => undefined);
      client.release();
    }
  } finally {
    await pool.end();
  }
}

/** Names the server, and never the password. */
function unreachable(url: string): string {
  const parsed = URL.parse(url);
  if (!parsed) return "DATABASE_URL is no URL such as postgresql://user:password@host:5432/name";
  return `The database at ${parsed.host}${parsed.pathname} of DATABASE_URL cannot be used`;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  const { message = String(error), code } = error as { message?: string; code?: string };
  return message || (code ?? "it did not answer");
}
