import type { Blob, CheckpointRow, Write } from "../checkpoints/index.ts";
import type { NewEvent } from "../events/index.ts";
import type { KeptEntry } from "../journal/index.ts";
import type { End } from "./end.ts";
import type { RunUsage, Waiting } from "./run.ts";

/** What an execution writes at one time. */
export interface Batch {
  readonly events: readonly NewEvent[];
  readonly answers: readonly KeptEntry[];
  readonly checkpoints: readonly CheckpointRow[];
  readonly blobs: readonly Blob[];
  readonly writes: readonly Write[];
  readonly usage: RunUsage;
  /** Calls whose answers are among the events, and are no longer shown while they grow. */
  readonly endedCalls: readonly string[];
  /** Answers and steps. */
  readonly progress: number;
  /** Whether it waits for its rate limit from now on, or no longer; `undefined` where that has not changed. */
  readonly waiting?: Waiting | null | undefined;
  /** How the execution leaves the run; `jobId` where another job is to go on with it. */
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

/** Writes what is stored, without secrets. */
export interface JsonWriter {
  readonly toJson: (events: readonly NewEvent[]) => string;
  readonly valueToJson: (value: unknown) => string | null;
}

/** The places of the statement `append` from the fifth on. */
export function valuesOfAppend(batch: Batch, { toJson, valueToJson }: JsonWriter): unknown[] {
  const { end, answers, checkpoints, blobs, writes, usage, endedCalls, progress } = batch;
  const { status, waiting } = stateOf(batch);
  return [
    status,
    valueToJson(waiting),
    valueToJson(end?.output),
    valueToJson(end?.error),
    end !== undefined && isSettled(end),
    end?.ends ?? false,
    end?.jobId,
    progress,
    toJson(end ? [...batch.events, end.event] : batch.events),
    JSON.stringify(usage),
    ...columns(answers, ["kind", "step", "name", "request", "occurrence", "value"]),
    ...columns(checkpoints, ["threadId", "namespace", "id", "parentId", "checkpoint", "metadata"]),
    ...columns(blobs, [0, 1, 2, 3, 4, 5]),
    ...columns(writes, [0, 1, 2, 3, 4, 5, 6, 7]),
    endedCalls,
    answers.map(({ outline }) => outline),
    usage !== noUsage,
    end !== undefined && isLeftForGood(end),
  ];
}

function stateOf({ end, waiting }: Batch): Pick<End, "waiting"> & { status: string | null } {
  if (end) return end;
  if (waiting === undefined) return { status: null, waiting: null };
  return waiting ? { status: "waiting", waiting } : { status: "running", waiting: null };
}

/** Whether decisions and forks of before are used up: it does not go on from where it is by itself. */
function isSettled({ status, waiting }: End): boolean {
  return status !== "queued" && waiting?.for !== "quota";
}

/** Whether the job is done: no execution goes on with the run by itself, by this job or by another one. */
function isLeftForGood({ status, jobId }: NonNullable<Batch["end"]>): boolean {
  return status !== "queued" && jobId === undefined;
}

/** Rows as one array for each of their fields. */
export function columns<Row extends object>(rows: readonly Row[], fields: readonly (keyof Row)[]) {
  return fields.map((field) => rows.map((row) => row[field] ?? null));
}
