import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import type { Pool } from "pg";
import { quoted, type Database } from "../database/index.ts";

/**
 * Versions of LangGraph's tables that a database lacks: what its `setup()` would make. LangGraph has no way
 * to ask for them, so it is given a connection on which it can only read.
 */
export async function pendingSetup({
  query,
  schema,
}: Pick<Database, "query" | "schema">): Promise<readonly number[]> {
  const [found] = await query<{ isThere: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AS "isThere"`,
    [`${quoted(schema)}.checkpoint_migrations`],
  );
  const pending: number[] = [];
  const client = {
    query: async (text: string, values: readonly [number] | readonly [] = []) => {
      // The server would log an error for a table that is not there.
      if (text.startsWith("SELECT")) return { rows: found?.isThere ? await query(text) : [] };
      // Each version is noted by its number when its statement is done.
      pending.push(...values);
      return { rows: [] };
    },
    release: () => undefined,
  };
  const pool = { connect: async () => client } as unknown as Pool;
  await new PostgresSaver(pool, undefined, { schema }).setup();
  return pending;
}
