import type { CallRecord, Citation, UnknownAttempts } from "@orchestra/core";
import type { DurableFacts } from "../durable/index.ts";
import type { UsageSum } from "../usage.ts";

/** What `--json` prints, as its readers see it. */
export interface Result {
  readonly status: "succeeded" | "rejected" | "failed";
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly calls: readonly CallRecord[];
  readonly usage: UsageSum & UnknownAttempts;
  readonly runId: string;
  readonly reasons?: readonly string[];
  readonly durable?: DurableFacts;
  readonly error?: { readonly code: string; readonly message: string };
}

export function parseResult(stdout: string): Result {
  return JSON.parse(stdout) as Result;
}
