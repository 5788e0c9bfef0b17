import type { Blob, CheckpointRow, Write } from "../checkpoints/index.ts";
import type { NewEvent } from "../events/index.ts";
import type { KeptEntry } from "../journal/index.ts";
import type { End } from "./end.ts";
import type { RunUsage, Waiting } from "./run.ts";

/** Identifies the execution of a run that may write: its job, and the attempt at the job. */
export interface Claim {
  readonly runId: string;
  readonly jobId: string;
  readonly attempt: number;
}

/** The content of one write of an execution. */
export interface Batch {
  readonly events: readonly NewEvent[];
  readonly answers: readonly KeptEntry[];
  readonly checkpoints: readonly CheckpointRow[];
  readonly blobs: readonly Blob[];
  readonly writes: readonly Write[];
  readonly usage: RunUsage;
  /** Calls whose answers are among the events, so that their pieces are deleted. */
  readonly endedCalls: readonly string[];
  /** Answers and steps. */
  readonly progress: number;
  /** Whether it now waits for its rate limit; `undefined` if that has not changed. */
  readonly waiting?: Waiting | null | undefined;
  /** How the execution leaves the run; `jobId` if another job continues it. */
  readonly end?: (End & { readonly jobId?: string | undefined }) | undefined;
}

export const noUsage: RunUsage = {
  calls: 0,
  failedCalls: 0,
  attempts: 0,
  unknownUsageAttempts: 0,
  unknownCostAttempts: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};

export const emptyBatch: Batch = {
  events: [],
  answers: [],
  checkpoints: [],
  blobs: [],
  writes: [],
  usage: noUsage,
  endedCalls: [],
  progress: 0,
};

/** Converts values to their stored form, without secrets. */
export interface JsonWriter {
  readonly toJson: (events: readonly NewEvent[]) => string;
  readonly valueToJson: (value: unknown) => string | null;
}

/** Rows as one array for each of their fields. */
export function columns<Row extends object>(rows: readonly Row[], fields: readonly (keyof Row)[]) {
  return fields.map((field) => rows.map((row) => row[field] ?? null));
}
