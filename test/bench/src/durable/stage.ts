import { randomUUID } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startPostgres } from "@orchestra/test-postgres";
import { Client } from "pg";

/** Where a runtime keeps its runs: a database of a server, or a folder for PGlite. */
export type Store = PostgresStore | PgliteStore;
export interface PostgresStore {
  readonly databaseUrl: string;
}
export interface PgliteStore {
  readonly home: string;
}

/** A PostgreSQL server, and room for PGlite's folders. */
export interface Stage extends AsyncDisposable {
  /** A new database of the server. */
  readonly newPostgres: () => Promise<PostgresStore>;
  /** A new folder for PGlite. */
  readonly newPglite: () => Promise<PgliteStore>;
}

/** Starts the server, with PostgreSQL's own defaults: what it has committed is on the disk. */
export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-bench-"));
  const server = await startPostgres({ folder: join(folder, "postgres"), isDurable: true });
  return {
    newPostgres: async () => {
      const name = `bench_${randomUUID().replaceAll("-", "")}`;
      await execute(server.url, `CREATE DATABASE ${name}`);
      const url = new URL(server.url);
      url.pathname = `/${name}`;
      return { databaseUrl: url.href };
    },
    newPglite: async () => {
      const home = join(folder, `pglite-${randomUUID()}`);
      await mkdir(home);
      return { home };
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
