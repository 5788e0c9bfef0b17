import type { Database } from "../database/index.ts";
import { queueSchema } from "../queue/job-table.ts";

/** The privileges that a process needs on every table, now or later: maintenance truncates partitions after weeks. */
const needed = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"];

/** The role lacks privileges on tables. */
class MissingRightsError extends Error {
  override readonly name = "MissingRightsError";
  /** PostgreSQL's own code for a missing privilege. */
  readonly code = "42501";
}

/**
 * Checks the privileges of the role on the existing tables. Without this check, a missing privilege would be noticed when
 * the table is first used: runs could be started and not executed.
 *
 * @throws {MissingRightsError} with the privileges, each with its tables
 */
export async function requireTableRights({
  query,
  schema,
}: Pick<Database, "query" | "schema">): Promise<void> {
  const missing = await query<{ right: string; table: string; more: number }>(
    `SELECT needed.name AS "right", min(format('%I.%I', nspname, relname)) AS "table",
       count(*)::integer - 1 AS more
     FROM pg_class JOIN pg_namespace AS space ON space.oid = relnamespace
       CROSS JOIN unnest($2::text[]) WITH ORDINALITY AS needed (name, place)
     WHERE nspname = ANY ($1) AND relkind IN ('r', 'p') AND NOT has_table_privilege(pg_class.oid, needed.name)
     GROUP BY needed.name, needed.place ORDER BY needed.place`,
    [[schema, queueSchema(schema)], needed],
  );
  if (missing.length === 0) return;
  const list = missing.map(
    ({ right, table, more }) => `${right} on ${table}${more > 0 ? ` and ${more} more` : ""}`,
  );
  throw new MissingRightsError(`it has no ${list.join(", no ")}`);
}
