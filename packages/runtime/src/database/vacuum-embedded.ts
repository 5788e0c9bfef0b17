import type { Database } from "./database.ts";

/**
 * Makes the space of deleted rows usable again. PGlite has no background process for this, unlike a
 * server; one table at a time, so that statements of runs can be executed in between.
 */
export async function vacuumEmbedded({
  query,
  schema,
}: Pick<Database, "query" | "schema">): Promise<void> {
  const tables = await query<{ readonly name: string }>(
    `SELECT format('%I.%I', nspname, relname) AS name
     FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace
     WHERE relkind = 'r' AND nspname = ANY($1)`,
    [[schema, `${schema}_queue`]],
  );
  for (const { name } of tables) await query(`VACUUM ${name}`);
}
