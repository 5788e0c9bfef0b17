import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PGliteOptions } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { Pool } from "pg";
import { files } from "@orchestra/core/extend";
import type { Database } from "./database.ts";
import { DatabaseError, reasonOf } from "./database-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { openOrCreate } from "./open-or-create.ts";
import { OnlyConnection } from "./only-connection.ts";
import { isOutOfFiles } from "./out-of-files.ts";
import { PooledDatabase } from "./pooled-database.ts";

export interface OpenPgliteOptions {
  /** Folder of the database; created if it does not exist. @defaultValue in memory, lost with the process */
  readonly folder?: string | undefined;
  readonly schema: string;
  /** A dump of PGlite from which a new database is created. */
  readonly loadDataDir?: PGliteOptions["loadDataDir"];
}

/**
 * PostgreSQL inside this process. It is reached over a socket, so that the code above it uses the
 * same driver as for a server.
 *
 * @throws {DatabaseError} if another process uses the folder, or it contains other files
 */
export async function openPglite(options: OpenPgliteOptions): Promise<Database> {
  const { folder, schema } = options;
  const lock = folder === undefined ? undefined : await lockFolder(folder);
  try {
    const { server, pool } = await start(options);
    return new PooledDatabase({
      backend: "pglite",
      schema,
      pool,
      listener: new OnlyConnection(pool),
      exclusively: oneAtATime(),
      closing: async (closed) => {
        await closed;
        await server.close();
        await lock?.[Symbol.asyncDispose]();
      },
    });
  } catch (error) {
    await lock?.[Symbol.asyncDispose]();
    throw error;
  }
}

async function start({ folder, loadDataDir }: OpenPgliteOptions) {
  const { address, listen, remove } = await socketAddress();
  const open = (dataDir?: string) => create(dataDir, loadDataDir);
  const opening = folder === undefined ? open() : openOrCreate(folder, open);
  const pglite = await opening.catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const socketServer = new PGLiteSocketServer({ db: pglite, maxConnections: 1, ...listen });
  await socketServer.start().catch(async (error: unknown) => {
    const explained = await openingError(folder, error);
    await pglite.close();
    await remove();
    throw explained;
  });
  const pool = new Pool({
    ...address(socketServer.getServerConn()),
    user: "postgres",
    database: "postgres",
    max: 1,
    // The server takes one connection only. A new one is refused until the server notices the end of the old one.
    idleTimeoutMillis: 0,
  });
  // A connection that breaks is replaced at the next query. Without a listener its error ends the process.
  pool.on("error", () => undefined);
  pool.on("connect", (client) => client.on("error", () => undefined));
  const close = async () => {
    await socketServer.stop();
    await pglite.close();
    await remove();
  };
  return { pool, server: { close } };
}

async function create(dataDir: string | undefined, loadDataDir: PGliteOptions["loadDataDir"]) {
  // Loaded only if it is used: most servers use PostgreSQL.
  const { PGlite } = await import("@electric-sql/pglite");
  try {
    return await PGlite.create({
      ...(dataDir === undefined ? {} : { dataDir }),
      ...(loadDataDir ? { loadDataDir } : {}),
    });
  } catch (error) {
    throw await openingError(dataDir, error);
  }
}

async function openingError(dataDir: string | undefined, cause: unknown): Promise<DatabaseError> {
  const { problem, advice } = (await isOutOfFiles())
    ? outOfFiles
    : ((await otherVersionIn(dataDir)) ?? problemOf(cause));
  return new DatabaseError(`The embedded database in ${dataDir} cannot be opened: ${problem}`, {
    advice: `${advice}, or set DATABASE_URL to a PostgreSQL server.`,
    cause,
  });
}

/** Number of ENOSPC in WebAssembly, whose errors of files have no message. */
const diskFull = 51;

const outOfFiles = {
  problem: "this process may open no more files",
  advice: "Raise their number, such as by ulimit -n 4096",
};

/** The version of PostgreSQL that PGlite is, as a database in a folder has it in its file `PG_VERSION`. */
const postgresVersion = "18";

/** The database was made by another version of PostgreSQL, which PGlite does not report: it crashes. */
async function otherVersionIn(dataDir: string | undefined) {
  if (dataDir === undefined) return undefined;
  const text = await readFile(join(dataDir, "PG_VERSION"), "utf8").catch(() => "");
  const [version] = /^\d+/.exec(text) ?? [postgresVersion];
  if (version === postgresVersion) return undefined;
  return {
    problem: `it was made by PostgreSQL ${version}, and this version of PGlite is PostgreSQL ${postgresVersion}`,
    advice:
      "Use the version of the @orchestra packages that made it until its runs have ended, or move it away",
  };
}

/** The problem, and what to do. If files are damaged, PGlite itself crashes. */
function problemOf(error: unknown): { readonly problem: string; readonly advice: string } {
  const { errno, message } = error as { readonly errno?: number; readonly message?: string };
  if (errno === diskFull) return { problem: "the disk is full", advice: "Make room" };
  if (message && !/^(Aborted|PGlite failed)/.test(message)) {
    return { problem: reasonOf(error), advice: "Move the folder away" };
  }
  return {
    problem: "files of it are missing, damaged or not yours",
    advice: "Restore a backup of the folder, or move the folder away, with the runs in it",
  };
}

/** A socket that only this user can open; if the system has none, a port on loopback. */
async function socketAddress() {
  if (process.platform === "win32") {
    return {
      listen: { host: "127.0.0.1", port: 0 },
      address: (at: string) => ({ host: "127.0.0.1", port: Number(at.split(":").at(-1)) }),
      remove: async () => undefined,
    };
  }
  const host = await temporaryFolder();
  return {
    listen: { path: join(host, ".s.PGSQL.5432") },
    address: () => ({ host, port: 5432 }),
    remove: () => rm(host, { recursive: true, force: true }),
  };
}

/** @throws {DatabaseError} if it cannot be created */
async function temporaryFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), "orchestra-"));
  } catch (error) {
    throw new DatabaseError(
      `The embedded database needs a folder for temporary files, and ${tmpdir()} cannot be used: ${files.describeFileError(error)}`,
      { advice: "Set TMPDIR to a writable folder.", cause: error },
    );
  }
}

/** All clients of the database are in this process. */
function oneAtATime(): Database["exclusively"] {
  const last = new Map<string, Promise<unknown>>();
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(
      name,
      turn.catch(() => undefined),
    );
    return turn;
  };
}
