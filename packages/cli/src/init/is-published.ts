import { exec } from "node:child_process";
import { promisify } from "node:util";
import type { Environment } from "@orchestra/core";
import { ownRange } from "./package-source.ts";

const execute = promisify(exec);
const timeoutMs = 30_000;

/**
 * Asks npm whether the registry has this version of the packages. npm uses the registry, proxy and tokens of its
 * own configuration.
 *
 * @returns `undefined` if that is unknown: npm is not installed, or got no answer within 30 seconds
 */
export async function isPublished(
  environment: Environment,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    // With a shell: on Windows, npm is a script.
    const { stdout } = await execute(
      `npm view "@orchestra/cli@${ownRange}" version --json --fetch-retries=0`,
      { env: environment, signal, timeout: timeoutMs },
    );
    return stdout.trim() !== "";
  } catch (error) {
    signal.throwIfAborted();
    return /\bE404\b/.test((error as { readonly stdout?: string }).stdout ?? "")
      ? false
      : undefined;
  }
}
