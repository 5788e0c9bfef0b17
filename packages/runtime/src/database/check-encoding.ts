import type { Query } from "./database.ts";
import { DatabaseError } from "./database-error.ts";
import { quoted } from "./quoted.ts";

/** The second encoding stores all bytes. */
const usable: ReadonlySet<string> = new Set(["UTF8", "SQL_ASCII"]);

/**
 * Checks whether a database can store every character. Otherwise an answer that was paid for could
 * not be stored.
 *
 * @throws {DatabaseError} if it cannot
 */
export async function checkEncoding(query: Query): Promise<void> {
  const [row] = await query<{ encoding: string; name: string }>(
    "SELECT current_setting('server_encoding') AS encoding, current_database() AS name",
  );
  if (!row || usable.has(row.encoding)) return;
  throw new DatabaseError(
    `The database ${quoted(row.name)} stores text as ${row.encoding}, which lacks characters that answers have`,
    {
      advice:
        "Name one in UTF8, such as by CREATE DATABASE orchestra ENCODING 'UTF8' TEMPLATE template0.",
    },
  );
}
