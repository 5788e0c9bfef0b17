import type { Environment } from "@orchestra/core";
import type { EnvFile } from "./env-file/env-file.ts";

/** What a command uses of its process. Tests pass their own. */
export interface CommandContext {
  readonly environment: Environment;
  /** The `.env` file whose variables were added to the environment; absent without such a file. */
  readonly envFile?: EnvFile | undefined;
  /** The working folder. */
  readonly folder: string;
  /** When the process started, in the milliseconds of `performance.now()`. @defaultValue now */
  readonly startedAt?: number | undefined;
  readonly stdin?: AsyncIterable<string | Uint8Array> | undefined;
  /** Gets the answer alone. */
  readonly stdout: Output;
  /** Gets notices, progress and errors. */
  readonly stderr: Output;
  /**
   * Aborted when the user interrupts the command; its reason is an {@link InterruptedError}. Until this property
   * is read, an interruption ends the process at once. A command that has to clean up reads it. It then has three
   * seconds to end.
   */
  readonly signal: AbortSignal;
  /** The same signal, without the limit of three seconds: for a command that limits its own time to end. */
  readonly drainSignal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
  /** Whether it is a terminal. @defaultValue `false` */
  readonly isTTY?: boolean | undefined;
  /** Width of the terminal; `undefined` for files and pipes, whose lines are not wrapped. */
  readonly columns?: number | undefined;
}
