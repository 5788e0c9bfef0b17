import type { NewEvent } from "../events/index.ts";
import type { RunFailure, RunStatus, Waiting } from "./run.ts";

/** How an execution leaves its run: at its end, until a decision, or for another worker. */
export interface End {
  readonly status: RunStatus;
  readonly waiting: Waiting | null;
  readonly output?: unknown;
  readonly error?: RunFailure;
  /** Whether the run has ended. */
  readonly ends: boolean;
  readonly event: NewEvent;
  /** Whether it was given up, because it crashed its workers. */
  readonly isDeadLetter?: boolean;
}

export const pastDeadline: RunFailure = {
  name: "DeadlineError",
  code: "deadline_exceeded",
  message: "The run's deadline passed before it was done",
};

export function workerLost(crashes: number): RunFailure {
  return {
    name: "WorkerLostError",
    code: "worker_lost",
    message: `The run lost its worker ${crashes} times in a row without progress (maxCrashes); its events show where. Fix the pipeline, then resume the run.`,
  };
}

export function ended(status: "succeeded" | "rejected", output: unknown): End {
  return { status, waiting: null, output, ends: true, event: { type: "run-end", status, output } };
}

export function failed(error: RunFailure): End {
  const status = "failed";
  return { status, waiting: null, error, ends: true, event: { type: "run-end", status, error } };
}

export function cancelled(): End {
  const status = "cancelled";
  return { status, waiting: null, ends: true, event: { type: "run-end", status } };
}

export function waitingFor(waiting: Waiting): End {
  return { status: "waiting", waiting, ends: false, event: { type: "run-waiting", waiting } };
}

export function handedBack(worker: string): End {
  return {
    status: "queued",
    waiting: null,
    ends: false,
    event: { type: "run-handed-back", worker },
  };
}
