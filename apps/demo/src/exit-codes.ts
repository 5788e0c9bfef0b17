import { InterruptedError } from "./interruption.ts";
import type { Outcome } from "./outcome.ts";

/** What the process ends with: 0 done, 1 failed, 3 rejected by the Validator. */
export const exitCodes: { readonly [K in Outcome["status"]]: number } = {
  succeeded: 0,
  failed: 1,
  rejected: 3,
};

/** Codes of errors that the user has to put right first. */
const usersCodes: ReadonlySet<unknown> = new Set([
  "usage_error",
  "settings_error",
  "documents_error",
  "database_error",
  "run_not_found",
]);

/** 2 for what the user has to put right first, 130 and 143 for an interruption, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return usersCodes.has(code) ? 2 : exitCodes.failed;
}
