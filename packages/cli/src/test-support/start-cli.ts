import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";

export interface Ended {
  /** The exit code; `null` if a signal ended the process that it did not handle. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command in a process. */
export interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly done: Promise<Ended>;
  /** The lines of its log so far. */
  log(): LogLine[];
  /** Resolves to the first line of its log with this message, when there is one. */
  saw(message: string): Promise<LogLine>;
  stop(signal: "SIGINT" | "SIGTERM" | "SIGKILL"): void;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface StartCliOptions {
  readonly environment?: NodeJS.ProcessEnv;
  /** The working folder. */
  readonly folder: string;
}

const main = join(import.meta.dirname, "../main.ts");
/** A process that hangs is killed after this time. */
const maxMs = 100_000;

/** Starts the command in a process. Of this process's environment, it gets only what Node.js needs. */
export function startCli(
  args: readonly string[],
  { environment = {}, folder }: StartCliOptions,
): Running {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const child = spawn(process.execPath, ["--conditions=@orchestra/source", main, ...args], {
    cwd: folder,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: maxMs,
    killSignal: "SIGKILL",
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (texts[name] += text));
  }
  const done = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, ...texts }));
  });
  const log = () => texts.stderr.split("\n").flatMap(toLogLine);
  return {
    child,
    done,
    log,
    saw: async (message) => {
      const find = () => log().find((line) => line.message === message);
      await expect.poll(find).toBeDefined();
      return find() as LogLine;
    },
    stop: (signal) => child.kill(signal),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await done;
    },
  };
}

function toLogLine(line: string): LogLine[] {
  return line.startsWith("{") && line.endsWith("}") ? [JSON.parse(line) as LogLine] : [];
}
