import type { PoolClient } from "pg";
import type { Database } from "../database/index.ts";

/** Every statement that is sent to a database from now on, on any connection except the one that listens. */
export async function statementsOf(database: Database): Promise<string[]> {
  const statements: string[] = [];
  const watched = new WeakSet<PoolClient>();
  const watch = (client: PoolClient) => {
    if (watched.has(client)) return;
    watched.add(client);
    const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
    const watching = (...parameters: unknown[]) => {
      const [asked] = parameters as [string | { readonly text: string }];
      statements.push(typeof asked === "string" ? asked : asked.text);
      return query(...parameters);
    };
    Object.assign(client, { query: watching });
  };
  for (const pool of new Set([database.pool, database.backgroundPool])) {
    pool.on("connect", watch);
    const first = await pool.connect();
    watch(first);
    first.release();
  }
  const { heartbeat } = database;
  const watching: Database["heartbeat"] = (text, values) => {
    statements.push(text);
    return heartbeat(text, values);
  };
  Object.assign(database, { heartbeat: watching });
  return statements;
}
