import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, inject } from "vitest";
import { migrate, openPglite, openPostgres, type Database } from "../database/index.ts";

/** Opens a database whose tables nobody else uses; several may be opened on the same tables. */
export type OpenTestDatabase = (options?: OpenTestDatabaseOptions) => Promise<Database>;

export interface OpenTestDatabaseOptions {
  /** The tables of another one that is open. */
  readonly like?: Database;
  /**
   * Whether another test may have these tables after this one, emptied.
   *
   * @defaultValue `true`; `false` is for a test that changes the tables themselves
   */
  readonly reuse?: boolean;
}

declare module "vitest" {
  interface ProvidedContext {
    /** A real PostgreSQL server. */
    readonly databaseUrl: string;
    /** A new PGlite as a file: a copy of it is there sooner than another new one. */
    readonly pgliteImage: string;
    /** Which of the two suites runs. */
    readonly pace: "quick" | "long";
  }
}

type DatabaseSuite = (open: OpenTestDatabase, backend: "postgres" | "pglite") => void;

/** Runs one suite over a PostgreSQL server, and over PGlite. */
export function describeDatabases(name: string, suite: DatabaseSuite): void {
  describeServer(name, suite);
  describePglite(name, suite);
}

/**
 * Runs one suite over a PostgreSQL server, and over PGlite among the long tests alone, by
 * `pglite.long.test.ts`: for what hardly depends on which of them it is.
 */
export function describeServerFirst(name: string, suite: DatabaseSuite): void {
  if (inject("pace") === "quick") describeServer(name, suite);
  else describePglite(name, suite);
}

function describeServer(name: string, suite: DatabaseSuite): void {
  describe(`${name}, on PostgreSQL`, () => {
    suite(openOnServer, "postgres");
  });
}

function describePglite(name: string, suite: DatabaseSuite): void {
  describe(`${name}, on PGlite`, () => {
    suite(openOnPglite, "pglite");
  });
}

/** A database on the server, with connections of its own. */
export const openOnServer: OpenTestDatabase = (options) =>
  onTables("postgres", options, (schema) =>
    openPostgres({ url: inject("databaseUrl"), schema, maxConnections: 5 }),
  );

/** Tables of its own on the PGlite of this worker. */
export const openOnPglite: OpenTestDatabase = (options) =>
  onTables("pglite", options, async (schema) => lend(await sharedPglite(), schema));

/** A PGlite in memory, without any tables of ours. */
export async function openPgliteImage(): Promise<Database> {
  const image = new Blob([await readFile(inject("pgliteImage"))]);
  return openPglite({ schema: "unused", loadDataDir: image });
}

let opened: Promise<Database> | undefined;

/**
 * The PGlite of this worker, for all of its files: to open one takes longer than most tests. It ends
 * with the worker, and its socket goes with the folder of the image.
 */
function sharedPglite(): Promise<Database> {
  opened ??= inFolderOfImage(openPgliteImage);
  return opened;
}

async function inFolderOfImage<T>(work: () => Promise<T>): Promise<T> {
  const { TMPDIR } = process.env;
  process.env["TMPDIR"] = dirname(inject("pgliteImage"));
  try {
    return await work();
  } finally {
    if (TMPDIR === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = TMPDIR;
  }
}

/** Schemas of this worker with empty tables that no test uses: to make tables takes longer than most tests. */
const emptySchemas = { postgres: [] as string[], pglite: [] as string[] };

async function onTables(
  backend: "postgres" | "pglite",
  { like, reuse = true }: OpenTestDatabaseOptions = {},
  open: (schema: string) => Promise<Database>,
): Promise<Database> {
  if (like) return open(like.schema);
  const schema = reuse ? emptySchemas[backend].pop() : undefined;
  if (schema !== undefined) return returning(await open(schema));
  const database = await open(`test_${randomUUID().replaceAll("-", "")}`);
  await migrate(database);
  return reuse ? returning(database) : database;
}

/** Closing it empties its tables, for the next test. */
function returning(database: Database): Database {
  const release = database.close.bind(database);
  let closing: Promise<void> | undefined;
  const empty = async () => {
    await emptyTables(database);
    await release();
    emptySchemas[database.backend].push(database.schema);
  };
  const close = () => (closing ??= empty());
  return Object.assign(database, { close, [Symbol.asyncDispose]: close });
}

/** Makes the tables of a schema, and those of its queue, what they are after their migrations. */
async function emptyTables({ query, schema }: Database): Promise<void> {
  const queue = `${schema}_queue`;
  await query(`DO $$
    DECLARE
      place regclass;
      is_filled boolean;
    BEGIN
      FOR place IN
        SELECT class.oid FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = relnamespace
        WHERE nspname IN ('${schema}', '${queue}') AND relkind = 'r'
          AND relname NOT IN ('locks', 'migrations', 'checkpoint_migrations', 'version')
      LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', place) INTO is_filled;
        IF is_filled THEN
          EXECUTE format('TRUNCATE %s RESTART IDENTITY CASCADE', place);
        END IF;
      END LOOP;
      IF to_regclass('"${queue}".version') IS NOT NULL THEN
        UPDATE "${queue}".version SET cron_on = NULL, bam_on = NULL;
      END IF;
    END $$`);
}

/** The shared database under another schema; closing it leaves the rest. */
function lend(shared: Database, schema: string): Database {
  return {
    backend: shared.backend,
    schema,
    hearsNotifications: shared.hearsNotifications,
    pool: shared.pool,
    backgroundPool: shared.backgroundPool,
    query: shared.query,
    heartbeat: shared.heartbeat,
    transaction: (work) => shared.transaction(work),
    notify: (channel, payload) => shared.notify(channel, payload),
    listen: (...options) => shared.listen(...options),
    exclusively: (name, work) => shared.exclusively(name, work),
    close: keepOpen,
    [Symbol.asyncDispose]: keepOpen,
  };
}

async function keepOpen(): Promise<void> {
  // It ends with the worker.
}
