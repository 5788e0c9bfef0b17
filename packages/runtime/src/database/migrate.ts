import {
  missingMigrations,
  readAppliedMigrations,
  refuseNewerBreaking,
} from "./applied-migrations.ts";
import type { Database, Transaction } from "./database.ts";
import { migrations, type Migration } from "./migrations/index.ts";
import { quoted } from "./quoted.ts";

/**
 * Migrates the database to this version. Safe if many processes start at once: one of them
 * migrates, the others wait for it and find nothing to do. Migrations of a newer version that are not
 * breaking are not changed.
 *
 * @returns the migrations that this call applied
 * @throws {DatabaseError} if a newer version has applied a breaking migration
 */
export async function migrate(
  database: Database,
  steps: readonly Migration[] = migrations,
): Promise<readonly Migration[]> {
  const { schema } = database;
  const found = await readAppliedMigrations(database);
  refuseNewerBreaking(schema, found ?? [], steps);
  if (found && missingMigrations(found, steps).length === 0) return [];
  await createLocks(database);
  return database.transaction(async ({ query }) => {
    // The timeouts of the role or the server are for short statements.
    await query("SET LOCAL statement_timeout TO 0");
    // The whole table: a process that waits for a row holds the table, and a step that changes it would deadlock.
    await query(`LOCK TABLE ${quoted(schema)}.locks IN ACCESS EXCLUSIVE MODE`);
    // Databases of versions that did not mark migrations lack it.
    await query(
      `ALTER TABLE ${quoted(schema)}.migrations ADD COLUMN IF NOT EXISTS is_breaking boolean`,
    );
    const applied = (await readAppliedMigrations({ schema, query })) ?? [];
    refuseNewerBreaking(schema, applied, steps);
    const missing = missingMigrations(applied, steps);
    for (const step of missing) await apply(step, quoted(schema), query);
    return missing;
  });
}

async function apply(step: Migration, schema: string, query: Transaction["query"]): Promise<void> {
  for (const statement of step.statements(schema)) await query(statement);
  await query(`INSERT INTO ${schema}.migrations (id, name, is_breaking) VALUES ($1, $2, $3)`, [
    step.id,
    step.name,
    step.isBreaking,
  ]);
}

/** Errors of concurrent processes if another one was faster. */
const lostRaces = new Set([
  // The schema, the table, its type, or the row in the catalog exists already.
  "42P06",
  "42P07",
  "42710",
  "23505",
  // Serialization failure, deadlock, "tuple concurrently updated".
  "40001",
  "40P01",
  "XX000",
]);
const maxTries = 20;

/** The schema, and in it the table that is needed to wait for another process. */
async function createLocks({ schema: name, query }: Database): Promise<void> {
  const schema = quoted(name);
  for (let tries = 1; ; tries += 1) {
    try {
      await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
      await query(`CREATE TABLE IF NOT EXISTS ${schema}.locks (name text PRIMARY KEY)`);
      await query(`CREATE TABLE IF NOT EXISTS ${schema}.migrations (
        id integer PRIMARY KEY,
        name text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        is_breaking boolean
      )`);
      await query(
        `INSERT INTO ${schema}.locks (name) VALUES ('migrate'), ('checkpoints'), ('queue') ON CONFLICT DO NOTHING`,
      );
      return;
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (!lostRaces.has(code) || tries === maxTries) throw error;
    }
  }
}
