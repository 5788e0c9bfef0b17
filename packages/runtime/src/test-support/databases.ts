import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, inject } from "vitest";
import { openPglite, openPostgres, type Database } from "../database/index.ts";
import { onEmptyTables } from "./empty-tables.ts";

/** Opens a database with its own tables; several may be opened on the same tables. */
export type OpenTestDatabase = (options?: {
  /** The tables of another one that is open. */
  readonly like?: Database;
}) => Promise<Database>;

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

/** A database on the server, with its own connections. */
export const openOnServer: OpenTestDatabase = ({ like } = {}) =>
  like ? openSchemaOnServer(like.schema) : onEmptyTables("postgres", openSchemaOnServer);

/** Its own tables on the PGlite of this worker. */
export const openOnPglite: OpenTestDatabase = ({ like } = {}) =>
  like ? openSchemaOnPglite(like.schema) : onEmptyTables("pglite", openSchemaOnPglite);

function openSchemaOnServer(schema: string): Promise<Database> {
  return openPostgres({ url: inject("databaseUrl"), schema, maxConnections: 5 });
}

async function openSchemaOnPglite(schema: string): Promise<Database> {
  return lend(await sharedPglite(), schema);
}

/** A PGlite in memory, without any tables of ours. */
async function openPgliteImage(): Promise<Database> {
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

/** The shared database under another schema; closing it leaves the rest. */
function lend(shared: Database, schema: string): Database {
  return {
    backend: shared.backend,
    schema,
    receivesNotifications: shared.receivesNotifications,
    pool: shared.pool,
    backgroundPool: shared.backgroundPool,
    // Its only connection would keep what every test has prepared, for its own schema.
    query: (text, values) => shared.query(text, values),
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
