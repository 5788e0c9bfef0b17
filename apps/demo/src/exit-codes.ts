import { InterruptedError } from "./interruption.ts";
import type { Outcome } from "./outcome.ts";

/** Exit codes: 0 answered, 1 failed, 3 rejected by the validator. */
export const exitCodes: { readonly [K in Outcome["status"]]: number } = {
  succeeded: 0,
  failed: 1,
  rejected: 3,
};

/** Codes of errors that the user has to fix. */
const usersCodes: ReadonlySet<unknown> = new Set([
  "usage_error",
  "settings_error",
  "documents_error",
  "database_error",
  "run_not_found",
]);

/** 2 for an error that the user has to fix; 129, 130 and 143 for SIGHUP, SIGINT and SIGTERM; else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return usersCodes.has(code) ? 2 : exitCodes.failed;
}
