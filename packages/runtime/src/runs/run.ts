import type { LedgerLine } from "@orchestra/core";

/**
 * - `queued`: no worker has it.
 * - `running`: a worker has it.
 * - `waiting`: for what {@link Waiting} says.
 * - `succeeded`, `rejected`, `failed`, `cancelled`: it has ended. Rejected is what the pipeline itself
 *   turned down; failed is what went wrong.
 */
export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "succeeded"
  | "rejected"
  | "failed"
  | "cancelled";

/** What the calls of a run took. */
export type RunUsage = Omit<LedgerLine, "leftCalls" | "durationMs">;

export const endedStatuses = ["succeeded", "rejected", "failed", "cancelled"] as const;

export const runStatuses: readonly RunStatus[] = ["queued", "running", "waiting", ...endedStatuses];

/** What a run waits for. Only a run that waits for its rate limit has a worker meanwhile. */
export type Waiting =
  | {
      readonly for: "approval";
      /** What is to be decided on, as the pipeline's `interrupt()` gave it. */
      readonly request: unknown;
      /** LangGraph's id of the interrupt. */
      readonly interrupt: string;
      readonly since: string;
    }
  | {
      /** The day's calls are used up. */
      readonly for: "quota";
      /** When it goes on by itself, as ISO 8601. */
      readonly until: string;
    }
  | {
      readonly for: "rate-limit";
      readonly until: string;
    };

/** Why a run failed. Holds no secret. */
export interface RunFailure {
  /** Class of the error, such as `CallFailedError`. */
  readonly name: string;
  /** Kind of the error, such as `budget_error`; `deadline_exceeded` and `worker_lost` are the runtime's own. */
  readonly code: string;
  readonly message: string;
  /** The step of a graph that threw, where one did. */
  readonly step?: string;
  /** Of an error in the pipeline's own code, where it was thrown. For those who wrote it, not for their users. */
  readonly stack?: string;
}

/** One execution of a pipeline, as the store has it. */
export interface Run {
  readonly id: string;
  readonly pipeline: string;
  readonly status: RunStatus;
  /** Only of a run that waits. */
  readonly waiting?: Waiting;
  readonly input: unknown;
  /** What the pipeline gave; of a run that has not ended, nothing. */
  readonly output?: unknown;
  /** Only of a run that failed. */
  readonly error?: RunFailure;
  /** Whether someone has to approve before the executor. */
  readonly approval: boolean;
  /** Higher goes first. */
  readonly priority: number;
  readonly idempotencyKey?: string;
  /** Key of the schedule that started it. */
  readonly schedule?: string;
  /** As ISO 8601, like all instants here. */
  readonly createdAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly deadlineAt?: string;
  readonly cancelReason?: string;
  /** Worker that has it, or had it last. */
  readonly worker?: string;
  /** How often it has been taken up by a worker. */
  readonly executions: number;
  /** Whether it killed its workers and was given up. */
  readonly isDeadLetter: boolean;
  /** Number of its latest event. */
  readonly lastEvent: number;
  /** What its calls took, those of all executions together; each paid call counts once. */
  readonly usage: RunUsage;
}

export function hasEnded({ status }: Pick<Run, "status">): boolean {
  return (endedStatuses as readonly RunStatus[]).includes(status);
}
