import { randomUUID } from "node:crypto";
import { migrate, type Database } from "../database/index.ts";

interface Tables {
  /** The result of {@link shapeOf} for tables after their migrations. */
  shape?: string;
  /** Schemas with empty tables that no test uses. */
  readonly free: string[];
}

/** Those of this worker, for all of its files. */
const tables: Record<Database["backend"], Tables> = {
  postgres: { free: [] },
  pglite: { free: [] },
};

/**
 * Opens a database on tables that are empty. When it is closed they are emptied for the next test, since to
 * make tables takes longer than most tests; those that a test has changed are not used again.
 */
export async function onEmptyTables(
  backend: Database["backend"],
  open: (schema: string) => Promise<Database>,
): Promise<Database> {
  const own = tables[backend];
  const schema = own.free.pop();
  const database = await open(schema ?? `test_${randomUUID().replaceAll("-", "")}`);
  if (schema === undefined) {
    await migrate(database);
    own.shape ??= await shapeOf(database);
  }
  const release = database.close.bind(database);
  const emptyAndRelease = async () => {
    const isReusable = (await shapeOf(database)) === own.shape;
    if (isReusable) await empty(database);
    await release();
    if (isReusable) own.free.push(database.schema);
  };
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= emptyAndRelease());
  return Object.assign(database, { close, [Symbol.asyncDispose]: close });
}

/** The columns of a schema's tables, without those that LangGraph's saver creates later, and the migrations. */
async function shapeOf({ query, schema }: Database): Promise<string> {
  const rows = await query(
    `SELECT relname, string_agg(attname, ' ' ORDER BY attnum) AS columns
     FROM pg_attribute JOIN pg_class AS class ON class.oid = attrelid
       JOIN pg_namespace AS space ON space.oid = relnamespace
     WHERE nspname = $1 AND relkind = 'r' AND attnum > 0 AND relname NOT LIKE 'checkpoint%'
     GROUP BY relname ORDER BY relname`,
    [schema],
  );
  if (rows.length === 0) return "";
  const migrations = await query(`SELECT id FROM "${schema}".migrations ORDER BY id`);
  return JSON.stringify([rows, migrations]);
}

/** Resets the tables of a schema, and those of its queue, to their state after the migrations. */
async function empty({ query, schema }: Database): Promise<void> {
  const queue = `${schema}_queue`;
  await query(`DO $$
    DECLARE
      place regclass;
      is_filled boolean;
    BEGIN
      FOR place IN
        SELECT class.oid FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = relnamespace
        WHERE nspname IN ('${schema}', '${queue}') AND relkind = 'r'
          AND relname NOT IN
            ('locks', 'migrations', 'open_partition', 'checkpoint_migrations', 'version')
      LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', place) INTO is_filled;
        IF is_filled THEN
          EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', place);
        END IF;
      END LOOP;
      UPDATE "${schema}".locks SET done_at = NULL;
      UPDATE "${schema}".open_partition SET number = 1, opened_at = clock_timestamp();
      IF to_regclass('"${queue}".version') IS NOT NULL THEN
        UPDATE "${queue}".version SET cron_on = NULL, bam_on = NULL;
      END IF;
    END $$`);
}
