import type { LedgerLine } from "@orchestra/core";

/**
 * - `queued`: it waits for a worker.
 * - `running`: a worker executes it.
 * - `waiting`: see {@link Waiting}.
 * - `succeeded`, `rejected`, `failed`, `cancelled`: it has ended. `rejected` is a decision of the
 *   pipeline or a person, `failed` an error.
 */
export type RunStatus =
  | "queued"
  | "running"
  | "waiting"
  | "succeeded"
  | "rejected"
  | "failed"
  | "cancelled";

/** Tokens and cost of a run's calls. */
export type RunUsage = Omit<LedgerLine, "leftCalls" | "durationMs">;

export const endedStatuses = ["succeeded", "rejected", "failed", "cancelled"] as const;

export const runStatuses: readonly RunStatus[] = ["queued", "running", "waiting", ...endedStatuses];

/** The reason why a run waits. Only a run that waits for its rate limit keeps its worker. */
export type Waiting =
  | {
      /** `approval` if only approvals are open; `interrupt` if an `interrupt()` of the pipeline is open. */
      readonly for: "approval" | "interrupt";
      /** The open questions. The run continues when all of them are answered. */
      readonly interrupts: readonly OpenInterrupt[];
      /** As ISO 8601. */
      readonly since: string;
    }
  | {
      /** The requests of the day are used up. */
      readonly for: "quota";
      /** When it continues by itself, as ISO 8601. */
      readonly until: string;
    }
  | {
      readonly for: "rate-limit";
      readonly until: string;
    };

/** An open question of a run. */
export interface OpenInterrupt {
  /** LangGraph's id of the interrupt. */
  readonly id: string;
  /** The argument of the pipeline's `interrupt()`. */
  readonly value: unknown;
  /** The step of the graph that asked the question. */
  readonly step: string;
}

/** The reason why a run failed, without secrets. */
export interface RunFailure {
  /** Class of the error, such as `CallFailedError`. */
  readonly name: string;
  /** Kind of the error, such as `budget_error`; `deadline_exceeded` and `worker_lost` are the runtime's own. */
  readonly code: string;
  readonly message: string;
  /** The step of the graph that threw, if one did. */
  readonly step?: string;
  /** Stack of an error in the pipeline's own code. For its developers, not for its users. */
  readonly stack?: string;
}

/** The run that another one was forked from. */
export interface ForkOrigin {
  readonly run: string;
  /** The step or the call that it continues from; absent if it started at the beginning, with the whole journal. */
  readonly from?: string;
}

/** A run of a pipeline, as it is stored. */
export interface Run {
  readonly id: string;
  readonly pipeline: string;
  /** Version of the pipeline that executes the run, from its start to its end. */
  readonly version: string;
  /** Only for queued runs in a list: whether a worker can take it. It is `false` if no worker has its version. */
  readonly hasWorker?: boolean;
  readonly status: RunStatus;
  /** Only for a run that waits. */
  readonly waiting?: Waiting;
  readonly input: unknown;
  /** Output of the pipeline; absent until the run has ended. */
  readonly output?: unknown;
  /** Only for a run that failed. */
  readonly error?: RunFailure;
  /** Only for a fork. */
  readonly forkedFrom?: ForkOrigin;
  /** Models by role, used instead of the models of the roles. */
  readonly models?: Readonly<Record<string, string>>;
  /** Id of the client's key that the run belongs to: its limits and budgets apply to the run's calls. */
  readonly keyId?: string;
  /** The end user of the run. Usage can be summed up by user. */
  readonly user?: string;
  /** Whether a person must approve before the executor runs. */
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
  /** Worker that executes it, or executed it last. */
  readonly worker?: string;
  /** How often a worker has started to execute it. */
  readonly executions: number;
  /** Whether its workers crashed so often that it was given up. */
  readonly isDeadLetter: boolean;
  /** Number of its latest event. */
  readonly lastEvent: number;
  /** Usage of its calls in all executions. Each paid call counts once. */
  readonly usage: RunUsage;
}

export function hasEnded({ status }: Pick<Run, "status">): boolean {
  return (endedStatuses as readonly RunStatus[]).includes(status);
}

/** Whether an interrupt is for an approval, and not the pipeline's own. */
export function isApproval(value: unknown): boolean {
  return (value as { type?: unknown } | null)?.type === "approval";
}

/** The `waiting` of a run with open interrupts. */
export function openQuestions(interrupts: readonly OpenInterrupt[], since: string): Waiting {
  const isApprovals = interrupts.every(({ value }) => isApproval(value));
  return { for: isApprovals ? "approval" : "interrupt", interrupts, since };
}
