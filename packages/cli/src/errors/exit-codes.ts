import { CommanderError } from "commander";
import { FailedError } from "./failed-error.ts";
import { InterruptedError } from "../interruption.ts";

/** Codes of errors that the user has to fix; as text, so that their classes need not be loaded. */
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
  "argument_error",
]);

/** For a database that is not available: as `EX_TEMPFAIL` of sysexits.h, the same may succeed later. */
const temporaryFailure = 75;

/** 2 for an error that the user has to fix, 75 for a temporary one, 129, 130 and 143 for an interruption, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  if (error instanceof FailedError) return error.exitCode;
  // Requested help is not an error.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { code, isRetryable } = (error ?? {}) as { code?: unknown; isRetryable?: unknown };
  if (code === "database_error" && isRetryable === true) return temporaryFailure;
  return mistakes.has(code) ? 2 : 1;
}
