import { escapeControls } from "@orchestra/core/extend";
import { CommanderError } from "commander";
import { exitCodeOf } from "./exit-codes.ts";
import { FailedError } from "./failed-error.ts";
import { createProgram } from "./program.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Runs the command.
 *
 * @returns the exit code: 0 done, 1 failed, 2 for what the user has to put right first
 */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await createProgram(surroundings).parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    // What these have to say is printed already.
    if (!(error instanceof CommanderError || error instanceof FailedError)) {
      const isDebugging = surroundings.environment["LOG_LEVEL"] === "debug";
      surroundings.stderr.write(`${escapeControls(describe(error, isDebugging), "\n")}\n`);
    }
    return exitCodeOf(error);
  }
}

/** A message is for whoever can put it right, the stack for whoever looks for a bug. */
function describe(error: unknown, withStack: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return withStack ? (error.stack ?? error.message) : error.message;
}
