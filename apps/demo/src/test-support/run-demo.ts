import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { cleanEnvironment } from "./clean-environment.ts";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A demo in progress, as its own process. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Ran>;
  /** Resolves when a text has appeared on either stream. */
  saw(text: string): Promise<void>;
}

const source = join(import.meta.dirname, "..");

/** One that hangs is not left behind. */
const maxMs = 100_000;

/** Starts the demo, or another file of it, as a user does. */
export function startDemo(
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
  file = "main.ts",
): Running {
  const child = spawn(
    process.execPath,
    ["--conditions=@orchestra/source", join(source, file), ...args],
    {
      env: { ...cleanEnvironment(), ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: maxMs,
      killSignal: "SIGKILL",
    },
  );
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
      child.emit("text");
    });
  }
  const done = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve({ code, ...texts }));
  });
  const saw = (text: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => {
        if (`${texts.stdout}${texts.stderr}`.includes(text)) resolve();
      };
      child.on("text", look).once("close", () => reject(new Error(`It ended without "${text}"`)));
      look();
    });
  return { child, done, saw };
}

export function runDemo(...args: Parameters<typeof startDemo>): Promise<Ran> {
  return startDemo(...args).done;
}
