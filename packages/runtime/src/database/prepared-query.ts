import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { QueryOptions } from "./database.ts";
import { outageOf } from "./outage.ts";

/**
 * Errors of a prepared statement that was not executed, and that the server takes as a whole: it is not
 * known on this connection, or another session made it; a migration changed the columns that it returns.
 */
const unusable = new Set(["26000", "42P05", "0A000"]);

/**
 * Sends statements to a server. It parses and plans a frequent one once for a connection, and not each time:
 * for one that writes to many tables that takes longer than to execute it.
 *
 * @param keepsConnections - Whether what a connection has prepared is there the next time: not behind a pooler
 * that lends connections for a transaction.
 */
export function preparedQuery(pool: Pool, keepsConnections: () => boolean) {
  const names = new Map<string, string>();
  const nameOf = (text: string) => {
    let name = names.get(text);
    if (name === undefined) {
      name = `orchestra_${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
      names.set(text, name);
    }
    return name;
  };
  return <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    { isFrequent = false }: QueryOptions = {},
  ): Promise<Row[]> =>
    onConnection(pool, async (client) => {
      if (isFrequent && keepsConnections()) {
        try {
          const named = { name: nameOf(text), text, values: [...values] };
          return (await client.query<Row>(named)).rows;
        } catch (error) {
          if (!unusable.has(String((error as { code?: unknown }).code))) throw error;
        }
      }
      return (await client.query<Row>(text, [...values])).rows;
    });
}

/**
 * Lends a connection. A statement that fails leaves it usable: the pool would close it, and on an embedded
 * database there would be none for a moment.
 */
async function onConnection<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let loss: Error | undefined;
  try {
    return await work(client);
  } catch (error) {
    const outage = outageOf(error);
    if (outage === "lost" || outage === "read-only") loss = error as Error;
    throw error;
  } finally {
    client.release(loss);
  }
}
