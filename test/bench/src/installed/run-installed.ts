import { spawn } from "node:child_process";

/** A process that ends by itself. */
export interface Program {
  readonly name: string;
  /** Of Node.js. */
  readonly args: readonly string[];
  /** Where it runs: imports are found from there. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program in a fresh process, with nothing of this one's environment but `PATH`.
 *
 * @returns milliseconds from its start to its end
 * @throws what it wrote to standard error, where it fails
 */
export async function runInstalled({ name, args, folder, env }: Program): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  }
  const { code, ms } = await new Promise<{ code: number | null; ms: number }>((resolve, reject) => {
    child.once("error", reject);
    let ms = 0;
    child.once("exit", () => (ms = performance.now() - startedAt));
    child.once("close", (code) => resolve({ code, ms }));
  });
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output}`);
  return ms;
}
