import { exec } from "node:child_process";
import { promisify } from "node:util";
import type { Environment } from "@orchestra/core";
import { ownRange } from "./package-source.ts";

const execute = promisify(exec);
const timeoutMs = 30_000;

/**
 * Whether npm finds this version of the packages, with the registry, proxy and keys that it is
 * configured to use.
 *
 * @returns `undefined` where npm cannot say: it is not installed, or gets no answer
 */
export async function isPublished(
  environment: Environment,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    // By a shell, for npm is a script on Windows.
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
