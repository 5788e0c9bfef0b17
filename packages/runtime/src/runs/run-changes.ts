import type { Fork, RunRow } from "./run-row.ts";
import type { JsonWriter } from "./batch.ts";
import type { RunFailure, RunStatus, Waiting } from "./run.ts";

/** What is changed of a run from outside of its executions; what is left out stays, `null` clears. */
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

/** The places of the statement `change`, but for the events. */
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
