import type { Environment } from "@orchestra/core";

/** What a command has of its process. */
export interface Surroundings {
  readonly environment: Environment;
  /** The working folder. */
  readonly folder: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Aborted when the user wants an end; its reason is an {@link InterruptedError}. */
  readonly signal: AbortSignal;
}

export interface Output {
  write(text: string): unknown;
}
