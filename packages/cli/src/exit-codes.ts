import { CommanderError } from "commander";
import { InterruptedError } from "./interruption.ts";

/** What the user has to put right: `UsageError`, `ConfigError` and `SettingsError`, known without loading them. */
const mistakes: ReadonlySet<unknown> = new Set(["usage_error", "config_error", "settings_error"]);

/** 2 for what the user has to put right first, 130 and 143 for an interruption, else 1. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return error.exitCode;
  // Help that was asked for is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  return mistakes.has((error as { readonly code?: unknown } | null)?.code) ? 2 : 1;
}
