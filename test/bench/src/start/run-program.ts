import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** What one process took until its first answer. */
export interface Start {
  /** From the start of the process to its first answer. */
  readonly ms: number;
  /** Peak resident memory, in MB. */
  readonly memoryMb: number;
}

const execute = promisify(execFile);

/**
 * Runs a program of this folder in a fresh process.
 *
 * @param file - Such as `fetch.mjs`.
 * @throws what the program wrote to standard error, where it fails
 */
export async function runProgram(file: string, given: readonly string[]): Promise<Start> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  // Neither the options nor the compile cache of this process: the program loads the built packages.
  const { NODE_OPTIONS: _, NODE_COMPILE_CACHE: __, ...env } = process.env;
  const startedAtNs = process.hrtime.bigint();
  const { stdout } = await execute(process.execPath, [path, ...given], { env, timeout: 60_000 });
  const { answeredAtNs, maxRssKb } = JSON.parse(stdout) as {
    readonly answeredAtNs: string;
    readonly maxRssKb: number;
  };
  return { ms: Number(BigInt(answeredAtNs) - startedAtNs) / 1e6, memoryMb: maxRssKb / 1024 };
}
