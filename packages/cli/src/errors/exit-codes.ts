import { CommanderError } from "commander";
import { FailedError } from "./failed-error.ts";
import { InterruptedError } from "../interruption.ts";

/** Codes of errors that the user has to fix. To compare codes, no error class is loaded. */
const mistakes: ReadonlySet<unknown> = new Set([
  "usage_error",
  "unknown_command",
  "config_error",
  "settings_error",
  "documents_error",
  "mcp_error",
  "unknown_pipeline",
  "run_not_found",
  "key_error",
  "run_state",
  "artifacts_folder",
  "argument_error",
]);

/** For a database that is not available; `EX_TEMPFAIL` of sysexits.h: the same command can succeed later. */
const temporaryFailure = 75;

/**
 * The exit code of a command that threw an error:
 *
 * - 0 if the user asked for help or for the version, which commander throws too
 * - 2 for an error that the user has to fix
 * - 75 if the database is not available
 * - 129, 130 and 143 for SIGHUP, SIGINT and SIGTERM
 * - for a {@link FailedError}, its own code: 1, or 3 and 4 for runs that were rejected or wait
 * - else 1
 */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof FailedError) return error.exitCode;
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { code, isRetryable } = (error ?? {}) as { code?: unknown; isRetryable?: unknown };
  if (code === "database_error" && isRetryable === true) return temporaryFailure;
  return mistakes.has(code) ? 2 : 1;
}
