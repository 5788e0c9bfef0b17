import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";

/** A PgBouncer in front of a server, which belongs to a test. */
export interface PgBouncer extends AsyncDisposable {
  /** The server's URL, through PgBouncer. */
  readonly url: string;
}

export interface StartPgBouncerOptions {
  /** Folder of its configuration; it is created. */
  readonly folder: string;
  /** URL of the server. */
  readonly url: string;
  readonly poolMode: "session" | "transaction";
}

/** Whether the program is installed. On Debian it is the package `pgbouncer`. */
export function hasPgBouncer(): boolean {
  return spawnSync("pgbouncer", ["--version"], { env: withSystemPath() }).status === 0;
}

/** Starts the machine's PgBouncer on loopback. */
export async function startPgBouncer(options: StartPgBouncerOptions): Promise<PgBouncer> {
  const { folder, url, poolMode } = options;
  const server = new URL(url);
  const port = await getPort({ host: "127.0.0.1" });
  await mkdir(folder, { recursive: true });
  // Under root it runs as another user, who has to reach the folder.
  await chmod(folder, 0o755);
  const file = join(folder, "pgbouncer.ini");
  const login = `user=${server.username} password=${server.password}`;
  await writeFile(
    file,
    [
      "[databases]",
      `* = host=${server.hostname} port=${server.port} ${login}`,
      "[pgbouncer]",
      "listen_addr = 127.0.0.1",
      `listen_port = ${port}`,
      "unix_socket_dir =",
      "auth_type = any",
      `pool_mode = ${poolMode}`,
      "max_client_conn = 200",
      "default_pool_size = 20",
    ].join("\n"),
  );
  const args = process.getuid?.() === 0 ? ["--user", "postgres", file] : [file];
  const child = spawn("pgbouncer", args, {
    env: withSystemPath(),
    stdio: ["ignore", "ignore", "pipe"],
  });
  const output: string[] = [];
  child.stderr.setEncoding("utf8").on("data", (text: string) => output.push(text));
  const isGone = once(child, "exit");
  await Promise.race([isListening(port), isGone]);
  if (child.exitCode !== null) throw new Error(`PgBouncer did not start:\n${output.join("")}`);
  const through = new URL(server);
  through.port = String(port);
  return {
    url: through.href,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await isGone;
    },
  };
}

async function isListening(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(50);
    } finally {
      socket.destroy();
    }
  }
}

/** Debian puts it where only root's PATH looks. */
function withSystemPath(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` };
}
