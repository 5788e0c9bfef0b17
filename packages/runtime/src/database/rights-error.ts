import type { Database } from "./database.ts";
import { DatabaseError, reasonOf } from "./database-error.ts";
import { quoted } from "./quoted.ts";

/** SQLSTATE of a statement that the role has no right to. */
const insufficientPrivilege = "42501";

/** Whether the server has refused a statement because the role lacks a right. */
export function isRightsError(error: unknown): boolean {
  const { code } = (DatabaseError.isInstance(error) ? error.cause : error) as { code?: unknown };
  return code === insufficientPrivilege;
}

/**
 * Names the rights that a role needs, where an error says that it lacks one.
 *
 * @returns any other error as it is
 */
export async function explainRights(
  { schema, query }: Pick<Database, "schema" | "query">,
  error: unknown,
): Promise<unknown> {
  if (DatabaseError.isInstance(error) || !isRightsError(error)) return error;
  const [who] = await query<{ role: string; database: string }>(
    "SELECT current_user AS role, current_database() AS database",
  );
  const [role, database] = [quoted(who?.role ?? ""), quoted(who?.database ?? "")];
  const schemas = [schema, `${schema}_queue`].map(quoted).join(", ");
  return new DatabaseError(
    `The role ${role} lacks a right in the database ${database}: ${reasonOf(error)}. ` +
      `To use tables that are there, it needs: GRANT USAGE ON SCHEMA ${schemas} TO ${role}; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schemas} TO ${role}. ` +
      `To create and change tables, it needs GRANT CREATE ON DATABASE ${database} TO ${role}, and has to own the schemas and tables that are there. ` +
      `A role that has these rights can run orchestra migrate instead`,
    { cause: error },
  );
}
