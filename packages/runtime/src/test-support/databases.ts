import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { describe, inject } from "vitest";
import { migrate, openPglite, openPostgres, quoted, type Database } from "../database/index.ts";

/** Opens a database whose tables nobody else uses; several may be opened on the same tables. */
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
  }
}

/** Runs one suite over a PostgreSQL server, and over PGlite. */
export function describeDatabases(
  name: string,
  suite: (open: OpenTestDatabase, backend: "postgres" | "pglite") => void,
): void {
  describe(`${name}, on PostgreSQL`, () => {
    suite(openOnServer, "postgres");
  });
  describe(`${name}, on PGlite`, () => {
    suite(openOnPglite, "pglite");
  });
}

/** A database on the server, with connections of its own. */
export const openOnServer: OpenTestDatabase = async ({ like } = {}) => {
  const database = await openPostgres({
    url: inject("databaseUrl"),
    schema: like?.schema ?? newSchema(),
    maxConnections: 5,
  });
  if (!like) await migrate(database);
  return database;
};

/** Tables of its own on the PGlite of this worker. */
export const openOnPglite: OpenTestDatabase = async ({ like } = {}) =>
  lend(await sharedPglite(), like?.schema ?? newSchema());

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

function newSchema(): string {
  return `test_${randomUUID().replaceAll("-", "")}`;
}

/** The shared database under another schema; closing it drops the schema, and leaves the rest. */
async function lend(shared: Database, schema: string): Promise<Database> {
  const close = async () => {
    await shared.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
  };
  const database: Database = {
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
    close,
    [Symbol.asyncDispose]: close,
  };
  await migrate(database);
  return database;
}
