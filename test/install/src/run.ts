import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** An exit code other than 0 is returned, not thrown. */
  readonly mayFail?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams, in the order of their arrival. */
  readonly output: string;
}

const maxDurationMs = 180_000;

/**
 * Runs a command to its end.
 *
 * @throws with all that it printed, where it fails
 */
export async function run(
  command: string,
  args: readonly string[],
  { cwd, env, mayFail = false }: RunOptions,
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: maxDurationMs,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code !== 0 && !mayFail) {
    throw new Error(`${command} ${args.join(" ")} ended with ${code} in ${cwd}\n${output}`);
  }
  return { code, stdout, output };
}
