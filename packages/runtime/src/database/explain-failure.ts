import { adviceFor } from "./database-advice.ts";
import type { Database } from "./database.ts";
import { DatabaseError, reasonOf } from "./database-error.ts";
import { databaseProblemOf } from "./database-problem.ts";
import { quoted } from "./quoted.ts";

/** Whether the server has refused a statement because the role lacks a privilege. */
export function isRightsError(error: unknown): boolean {
  return databaseProblemOf(error) === "no-rights";
}

/**
 * Adds advice to an error of the driver, if it reports that the database cannot be used.
 *
 * @returns any other error unchanged
 */
export async function explainFailure(
  database: Pick<Database, "backend" | "schema" | "query">,
  error: unknown,
): Promise<unknown> {
  if (DatabaseError.isInstance(error) || databaseProblemOf(error) === undefined) return error;
  if (isRightsError(error)) return explainRights(database, error);
  const name = database.backend === "pglite" ? "embedded database" : "database";
  return new DatabaseError(`The ${name} cannot be used: ${reasonOf(error)}`, {
    advice: adviceFor(error),
    cause: error,
  });
}

/** Names the privileges that a role needs. */
async function explainRights(
  { schema, query }: Pick<Database, "schema" | "query">,
  error: unknown,
): Promise<DatabaseError> {
  const [who] = await query<{ role: string; database: string }>(
    "SELECT current_user AS role, current_database() AS database",
  );
  const [role, database] = [quoted(who?.role ?? ""), quoted(who?.database ?? "")];
  const schemas = [schema, `${schema}_queue`].map(quoted).join(", ");
  return new DatabaseError(
    `The role ${role} lacks a right in the database ${database}: ${reasonOf(error)}`,
    {
      advice:
        `To use tables that are there, it needs: GRANT USAGE ON SCHEMA ${schemas} TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA ${schemas} TO ${role}. ` +
        `To create and change tables, it needs GRANT CREATE ON DATABASE ${database} TO ${role}, and has to own the schemas and tables that are there. ` +
        "A role that has these rights can run orchestra migrate instead.",
      cause: error,
    },
  );
}
