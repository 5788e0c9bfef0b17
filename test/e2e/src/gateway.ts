import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import getPort from "get-port";

/** Portkey's own gateway, from npm, on a free port of loopback. */
export interface Gateway extends AsyncDisposable {
  readonly url: string;
  /** Its process. */
  readonly pid: number | undefined;
}

/** The package names a main file that it does not have, so that it can only be found by its folder. */
const gatewayProgram = join(
  import.meta.dirname,
  "../node_modules/@portkey-ai/gateway/build/start-server.js",
);

/** @throws when the gateway is not up within half a minute */
export async function startGateway(): Promise<Gateway> {
  const port = await getPort({ host: "127.0.0.1" });
  const child = spawn(process.execPath, [gatewayProgram, `--port=${port}`, "--headless"], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}/v1`;
  const stop = async () => {
    if (child.exitCode !== null) return;
    child.kill();
    await once(child, "exit");
  };
  try {
    await untilItAnswers(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, pid: child.pid, [Symbol.asyncDispose]: stop };
}

async function untilItAnswers(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(1000) });
      return;
    } catch (error) {
      if (Date.now() > deadline)
        throw new Error("Portkey's gateway did not start", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
