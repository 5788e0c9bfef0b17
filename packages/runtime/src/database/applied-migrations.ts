import type { Database } from "./database.ts";
import { DatabaseError } from "./database-error.ts";
import { quoted } from "./quoted.ts";
import type { Migration } from "./migrations/index.ts";

/** One change of the tables. */
export interface MigrationInfo {
  readonly id: number;
  readonly name: string;
  /** Whether processes of earlier versions cannot work with the tables after it. */
  readonly isBreaking: boolean;
}

/** A migration that was applied to a database. If its version did not mark migrations, it counts as breaking. */
export interface AppliedMigration extends MigrationInfo {
  /** As ISO 8601. */
  readonly appliedAt: string;
}

interface MigrationRow {
  readonly id: number;
  readonly name: string;
  /** The column is missing if the database was never migrated by a version that has it. */
  readonly is_breaking?: boolean | null;
  readonly applied_at: Date;
}

/** @returns `undefined` if no version has used the database */
export async function readAppliedMigrations({
  query,
  schema,
}: Pick<Database, "query" | "schema">): Promise<readonly AppliedMigration[] | undefined> {
  const table = `${quoted(schema)}.migrations`;
  const [found] = await query<{ isThere: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AS "isThere"`,
    [table],
  );
  if (!found?.isThere) return undefined;
  const rows = await query<MigrationRow>(`SELECT * FROM ${table} ORDER BY id`);
  return rows.map(({ id, name, is_breaking: isBreaking, applied_at: appliedAt }) => ({
    id,
    name,
    isBreaking: isBreaking ?? true,
    appliedAt: appliedAt.toISOString(),
  }));
}

/** Migrations of a newer version. */
export function newerMigrations(
  applied: readonly AppliedMigration[],
  known: readonly Migration[],
): readonly AppliedMigration[] {
  const ids = new Set(known.map(({ id }) => id));
  return applied.filter(({ id }) => !ids.has(id));
}

/** Migrations that were not applied to a database. */
export function missingMigrations(
  applied: readonly AppliedMigration[],
  known: readonly Migration[],
): readonly Migration[] {
  const ids = new Set(applied.map(({ id }) => id));
  return known.filter(({ id }) => !ids.has(id));
}

export function infoOf({ id, name, isBreaking }: Migration): MigrationInfo {
  return { id, name, isBreaking };
}

/** @throws {DatabaseError} if a newer version has changed data that this one reads or writes */
export function refuseNewerBreaking(
  schema: string,
  applied: readonly AppliedMigration[],
  known: readonly Migration[],
): void {
  const breaking = newerMigrations(applied, known).filter(({ isBreaking }) => isBreaking);
  if (breaking.length === 0) return;
  const names = breaking.map(({ id, name, appliedAt }) => `${id} (${name}, applied ${appliedAt})`);
  throw new DatabaseError(
    `A newer version has changed the tables in the schema ${schema} of the database in a way that this version cannot work with: breaking migration ${names.join(", ")}`,
    {
      advice:
        "Update the @orchestra packages of this process to that version, or restore a backup from before the migration.",
    },
  );
}
