import { quoted, type Database } from "../database/index.ts";
import type { TableVersions } from "../database/table-versions.ts";

/**
 * The version of the tables that LangGraph's saver creates and uses. The saver does not report it, and
 * loading LangGraph takes long; a test compares it with the saver.
 */
const expected = 4;

/** Versions of LangGraph's tables: the current one of the database, if any, and the required one. */
export async function readCheckpointTables({
  query,
  schema,
}: Pick<Database, "query" | "schema">): Promise<TableVersions> {
  const table = `${quoted(schema)}.checkpoint_migrations`;
  // The server would log an error for a missing table.
  const [found] = await query<{ isThere: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AS "isThere"`,
    [table],
  );
  if (!found?.isThere) return { found: undefined, expected };
  const [latest] = await query<{ v: number | null }>(`SELECT max(v) AS v FROM ${table}`);
  return { found: latest?.v ?? undefined, expected };
}
