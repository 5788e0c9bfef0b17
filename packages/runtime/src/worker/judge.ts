import type { NewEvent } from "../events/index.ts";
import { keyOf } from "../pipelines/index.ts";
import type { Lease } from "../queue/run-queue.ts";
import {
  cancelled,
  failed,
  hasEnded,
  pastDeadline,
  runFormat,
  workerLost,
  type End,
  type RunRow,
} from "../runs/index.ts";

/** The decision of a worker about a run whose job it has. */
export type Verdict =
  /** Its claim was committed, and only the reply was lost: execute it. */
  | { readonly kind: "claimed" }
  /** The job is not the run's, or belongs to another worker: change neither. */
  | { readonly kind: "not-ours" }
  /** There is nothing to execute: the job is finished. */
  | { readonly kind: "nothing-to-do" }
  /** This process does not know the pipeline, or not this version: the job is for another process. */
  | { readonly kind: "unknown-pipeline" }
  /** A newer version has stored data that this one cannot read: the run is for workers of that version. */
  | { readonly kind: "newer-format" }
  /** The run ends before it is executed. */
  | { readonly kind: "end"; readonly end: End; readonly crashes: number; readonly events: Story }
  /** Its next crash would be its last: it is executed when no other such run is. */
  | { readonly kind: "in-turn"; readonly crashes: number; readonly events: Story }
  | { readonly kind: "execute"; readonly crashes: number; readonly events: Story };

type Story = readonly NewEvent[];

export interface Circumstances {
  /** Names and versions of the pipelines that this process knows. */
  readonly pipelines: readonly string[];
  /** How often in a row, without progress, a run may crash its worker. */
  readonly maxCrashes: number;
  /** Whether no other run on its last attempt is executed in this process. */
  readonly isInTurn: boolean;
  /** By the database's clock. */
  readonly now: Date;
}

/** Decides about a run that could not simply be claimed. */
export function judge(row: RunRow, lease: Lease, circumstances: Circumstances): Verdict {
  const { pipelines, maxCrashes, isInTurn, now } = circumstances;
  if (row.job_id !== lease.id) return { kind: "not-ours" };
  const claimedBy = row.job_attempt ?? -1;
  if (claimedBy > lease.retryCount) return { kind: "not-ours" };
  if (hasEnded(row) || isUndecided(row)) return { kind: "nothing-to-do" };
  if (claimedBy === lease.retryCount && row.status === "running") return { kind: "claimed" };
  if (!pipelines.includes(keyOf({ name: row.pipeline, version: row.version })))
    return { kind: "unknown-pipeline" };
  if (row.format > runFormat) return { kind: "newer-format" };

  const { crashes, events } = crashesOf(row);
  if (row.cancel_reason !== null) return { kind: "end", end: cancelled(), crashes, events };
  if (row.deadline_at && row.deadline_at <= now) {
    return { kind: "end", end: failed(pastDeadline), crashes, events };
  }
  if (crashes >= maxCrashes) {
    const end = { ...failed(workerLost(crashes)), isDeadLetter: true };
    return { kind: "end", end, crashes, events };
  }
  const isLastChance = crashes > 0 && crashes === maxCrashes - 1;
  return { kind: isLastChance && !isInTurn ? "in-turn" : "execute", crashes, events };
}

/** How often the run has lost its worker since its last progress: the worker that has claimed it last is dead. */
function crashesOf(row: RunRow): { crashes: number; events: Story } {
  const isHeld = row.status === "running" || row.waiting?.for === "rate-limit";
  const hasProgress = BigInt(row.progress) > BigInt(row.progress_at_start);
  const before = hasProgress ? 0 : row.crashes;
  if (!isHeld) return { crashes: before, events: [] };
  const lost = { type: "run-lost", worker: row.worker ?? "", execution: row.executions } as const;
  return { crashes: before + 1, events: [lost] };
}

function isUndecided({ waiting }: RunRow): boolean {
  return waiting?.for === "approval" || waiting?.for === "interrupt";
}
