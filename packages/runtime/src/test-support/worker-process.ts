import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The options of a worker process; JSON. */
export interface WorkerProcessOptions {
  readonly databaseUrl: string;
  /** Schema of existing tables. */
  readonly schema: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Name of the worker. */
  readonly name: string;
}

/** A worker in a separate process, which ends with this one. */
export interface WorkerProcess extends AsyncDisposable {
  /** Resolves when it has ended for any reason. */
  readonly gone: Promise<void>;
  /** Kills it at once. */
  kill(): Promise<void>;
}

const file = fileURLToPath(new URL("worker-process-main.ts", import.meta.url));

/** Starts a worker process that executes `answer` and `deadly`; resolves when it takes runs. */
export async function startWorkerProcess(options: WorkerProcessOptions): Promise<WorkerProcess> {
  const child = fork(file, [JSON.stringify(options)], {
    execArgv: ["--conditions=@orchestra/source"],
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const words: string[] = [];
  child.stderr?.setEncoding("utf8").on("data", (text: string) => words.push(text));
  const gone = once(child, "exit").then(() => undefined);
  const isAtWork = await Promise.race([once(child, "message"), gone]);
  if (!isAtWork) throw new Error(`The worker process did not start:\n${words.join("")}`);
  const kill = () => end(child, gone);
  return { gone, kill, [Symbol.asyncDispose]: kill };
}

async function end(child: ChildProcess, gone: Promise<void>): Promise<void> {
  child.kill("SIGKILL");
  await gone;
}
