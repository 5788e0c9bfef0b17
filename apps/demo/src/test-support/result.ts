import type { CallRecord, Citation } from "@orchestra/core";
import type { DurableFacts } from "../durable/index.ts";

/** What `--json` prints, as its readers see it. */
export interface Result {
  readonly status: "succeeded" | "rejected" | "failed";
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly calls: readonly CallRecord[];
  readonly usage: { promptTokens: number; completionTokens: number; costUsd: number };
  readonly runId: string;
  readonly reasons?: readonly string[];
  readonly durable?: DurableFacts;
  readonly error?: { readonly code: string; readonly message: string };
}

export function parseResult(stdout: string): Result {
  return JSON.parse(stdout) as Result;
}
