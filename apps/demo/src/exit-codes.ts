import { SettingsError } from "@orchestra/core";
import { DocumentsError } from "@orchestra/core/documents";
import { InterruptedError } from "./interruption.ts";
import type { Outcome } from "./outcome.ts";
import { UsageError } from "./usage-error.ts";

/** What the process ends with: 0 done, 1 failed, 3 rejected by the Validator. */
export const exitCodes: { readonly [K in Outcome["status"]]: number } = {
  succeeded: 0,
  failed: 1,
  rejected: 3,
};

/** 2 for what the user has to put right first, 130 and 143 for an interruption, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  const isUsers =
    error instanceof UsageError ||
    SettingsError.isInstance(error) ||
    DocumentsError.isInstance(error);
  return isUsers ? 2 : exitCodes.failed;
}
