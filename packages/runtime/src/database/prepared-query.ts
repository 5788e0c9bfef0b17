import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { QueryOptions } from "./database.ts";
import { outageOf } from "./outage.ts";

/**
 * Errors of a prepared statement that was not executed: it is not
 * known on this connection, or another session created it, or a migration changed the columns that it returns.
 */
const unusable = new Set(["26000", "42P05", "0A000"]);

/**
 * Sends statements to a server. A frequent one is parsed and planned once for a connection instead of each time,
 * because for a statement that writes to many tables this takes longer than executing it.
 *
 * @param keepsConnections - Whether the prepared statements of a connection are kept: not behind a pooler
 * that assigns connections for a transaction.
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
 * Acquires a connection. After a failed statement it stays usable: the pool would close it, and an embedded
 * database would have none for a moment.
 */
export async function onConnection<T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T> {
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
