import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import getPort from "get-port";

const root = new URL("../../../../", import.meta.url);
const command = fileURLToPath(new URL("packages/cli/bin/orchestra.js", root));
/** A server that is not ready by then never will be. */
const maxStartMs = 60_000;
const askEveryMs = 5;

/** `orchestra serve` in a separate process, as users start it. */
export interface ServeCommand extends AsyncDisposable {
  /** Base URL of the API. */
  readonly url: string;
  /** From the start of the process to the first probe that is answered with "ready". */
  readonly readyMs: number;
}

/** Builds the command and what it needs, so that it loads what users install. */
export async function buildCommand(): Promise<void> {
  const turbo = fileURLToPath(new URL("node_modules/.bin/turbo", root));
  const cwd = fileURLToPath(root);
  await promisify(execFile)(turbo, ["run", "build", "--filter=@orchestra/cli"], { cwd });
}

/** @throws Error where it ends, or is not ready within a minute */
export async function startServeCommand(
  given: readonly string[],
  environment: NodeJS.ProcessEnv,
  folder: string,
): Promise<ServeCommand> {
  const port = await getPort({ host: "127.0.0.1" });
  const origin = `http://127.0.0.1:${port}`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [command, "serve", "--port", String(port), ...given], {
    cwd: folder,
    env: { ...env, ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const exit = once(child, "exit");
  const stop = async () => {
    child.kill();
    await exit;
  };
  while (!(await isReady(origin))) {
    if (child.exitCode !== null || performance.now() - startedAt > maxStartMs) {
      await stop();
      throw new Error(`orchestra serve was not ready: ${log}`);
    }
    await sleep(askEveryMs);
  }
  const readyMs = performance.now() - startedAt;
  return { url: `${origin}/v1`, readyMs, [Symbol.asyncDispose]: stop };
}

async function isReady(origin: string): Promise<boolean> {
  try {
    const { ok, body } = await fetch(new URL("/readyz", origin));
    await body?.cancel();
    return ok;
  } catch {
    // Nothing listens yet.
    return false;
  }
}
