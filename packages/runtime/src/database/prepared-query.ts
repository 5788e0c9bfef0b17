import { createHash } from "node:crypto";
import type { Pool } from "pg";
import type { QueryOptions } from "./database.ts";

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
  return async <Row extends object>(
    text: string,
    values: readonly unknown[] = [],
    { isFrequent = false }: QueryOptions = {},
  ): Promise<Row[]> => {
    if (isFrequent && keepsConnections()) {
      try {
        const { rows } = await pool.query<Row>({ name: nameOf(text), text, values: [...values] });
        return rows;
      } catch (error) {
        if (!unusable.has(String((error as { code?: unknown }).code))) throw error;
      }
    }
    const { rows } = await pool.query<Row>(text, [...values]);
    return rows;
  };
}
