import type { Fork, RunRow } from "./run-row.ts";
import type { JsonWriter } from "./batch.ts";
import type { RunFailure, RunStatus, Waiting } from "./run.ts";

/** Changes of a run from outside of its executions; absent fields do not change, `null` clears. */
export interface RunChanges {
  readonly status?: RunStatus;
  readonly waiting?: Waiting | null;
  readonly output?: unknown;
  readonly error?: RunFailure | null;
  readonly decisions?: Readonly<Record<string, unknown>> | null;
  readonly fork?: Fork | null;
  readonly cancelReason?: string | null;
  readonly isDeadLetter?: boolean;
  readonly crashes?: number;
  readonly epoch?: number;
  readonly jobId?: string | null;
  readonly keyId?: string | null;
  readonly ends?: boolean;
}

/** The placeholders of the statement `change`, except the events. */
export function valuesOfChange(
  row: RunRow,
  changes: RunChanges,
  { valueToJson }: Pick<JsonWriter, "valueToJson">,
): readonly unknown[] {
  const {
    status = row.status,
    waiting = row.waiting,
    output = row.output,
    error = row.error,
    decisions = row.decisions,
    fork = row.fork,
    cancelReason = row.cancel_reason,
    isDeadLetter = row.dead_letter,
    crashes = row.crashes,
    epoch = row.epoch,
    jobId = row.job_id,
    keyId = row.key_id,
    ends = row.ended_at !== null,
  } = changes;
  return [
    row.id,
    status,
    valueToJson(waiting),
    valueToJson(output),
    valueToJson(error),
    valueToJson(decisions),
    valueToJson(fork),
    cancelReason,
    isDeadLetter,
    crashes,
    epoch,
    jobId,
    ends,
    keyId,
  ];
}
