import type { Environment } from "@orchestra/core";
import type { EnvFile } from "./env-file/env-file.ts";

/** What a command has of its process. */
export interface Surroundings {
  readonly environment: Environment;
  /** The `.env` file whose variables are in the environment. */
  readonly envFile?: EnvFile | undefined;
  /** The working folder. */
  readonly folder: string;
  /** When the process began, as `performance.now()` counts. @defaultValue now */
  readonly startedAt?: number | undefined;
  readonly stdin?: AsyncIterable<string | Uint8Array> | undefined;
  /** For the answer. */
  readonly stdout: Output;
  /** For notices, progress and errors. */
  readonly stderr: Output;
  /**
   * Aborted when the user interrupts the command; its reason is an {@link InterruptedError}. Until it is read,
   * an interruption ends the process at once. Read it when there is something to clean up: there are three
   * seconds for that.
   */
  readonly signal: AbortSignal;
  /** The same, for a command that limits its time to end itself. */
  readonly drainSignal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
  /** Whether it is a terminal. @defaultValue `false` */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal; `undefined` for files and pipes, whose lines are not wrapped. */
  readonly columns?: number | undefined;
}
