import type { ForkOrigin, Run, RunFailure, RunStatus, Waiting } from "./run.ts";

/** A run as a row of its table. */
export interface RunRow {
  readonly id: string;
  readonly pipeline: string;
  readonly version: string;
  /** The format of the data of its executions; see {@link runFormat}. */
  readonly format: number;
  /** The partition of its events and journal; other rows of them are in partition 0. */
  readonly partition: number;
  readonly status: RunStatus;
  readonly waiting: Waiting | null;
  readonly input: unknown;
  readonly output: unknown;
  readonly error: RunFailure | null;
  readonly approval: boolean;
  /** Answers to interrupts, by their ids, until a worker has taken them. */
  readonly decisions: Readonly<Record<string, unknown>> | null;
  readonly priority: number;
  readonly idempotency_key: string | null;
  readonly schedule: string | null;
  readonly trace_id: string | null;
  readonly traceparent: string | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly deadline_at: Date | null;
  readonly cancel_reason: string | null;
  readonly worker: string | null;
  /** The job that executes it; no other may. `null` if it waits for a person or has ended. */
  readonly job_id: string | null;
  /** Which attempt at the job has claimed it. */
  readonly job_attempt: number | null;
  readonly executions: number;
  readonly writes: number;
  readonly crashes: number;
  readonly dead_letter: boolean;
  /** 64 bits arrive as text, here and below. */
  readonly progress: string;
  readonly progress_at_start: string;
  readonly epoch: number;
  readonly fork: Fork | null;
  readonly forked_from: ForkOrigin | null;
  readonly models: Readonly<Record<string, string>> | null;
  readonly key_id: string | null;
  readonly user_name: string | null;
  readonly event_count: string;
  readonly calls: number;
  readonly failed_calls: number;
  readonly attempts: number;
  readonly unknown_usage_attempts: number;
  readonly unknown_cost_attempts: number;
  readonly prompt_tokens: string;
  readonly completion_tokens: string;
  readonly cached_tokens: string;
  readonly reasoning_tokens: string;
  readonly cost_usd: string;
  /** Only if it was requested, and for a queued run. */
  readonly has_worker?: boolean | null;
}

/** The position at which a run continues that was sent back to a step. */
export interface Fork {
  /** Checkpoint before the step. */
  readonly from: string;
  /** Latest checkpoint when it was sent back: later ones belong to the new path. */
  readonly latest: string;
}

export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    pipeline: row.pipeline,
    version: row.version,
    ...(typeof row.has_worker === "boolean" ? { hasWorker: row.has_worker } : {}),
    status: row.status,
    ...(row.waiting ? { waiting: row.waiting } : {}),
    input: row.input,
    ...(row.output === null ? {} : { output: row.output }),
    ...(row.error ? { error: row.error } : {}),
    ...(row.forked_from ? { forkedFrom: row.forked_from } : {}),
    ...(row.models ? { models: row.models } : {}),
    ...(row.key_id === null ? {} : { keyId: row.key_id }),
    ...(row.user_name === null ? {} : { user: row.user_name }),
    approval: row.approval,
    priority: row.priority,
    ...(row.idempotency_key === null ? {} : { idempotencyKey: row.idempotency_key }),
    ...(row.schedule === null ? {} : { schedule: row.schedule }),
    createdAt: row.created_at.toISOString(),
    ...(row.started_at ? { startedAt: row.started_at.toISOString() } : {}),
    ...(row.ended_at ? { endedAt: row.ended_at.toISOString() } : {}),
    ...(row.deadline_at ? { deadlineAt: row.deadline_at.toISOString() } : {}),
    ...(row.cancel_reason === null ? {} : { cancelReason: row.cancel_reason }),
    ...(row.worker === null ? {} : { worker: row.worker }),
    executions: row.executions,
    isDeadLetter: row.dead_letter,
    lastEvent: Number(row.event_count),
    usage: {
      calls: row.calls,
      failedCalls: row.failed_calls,
      attempts: row.attempts,
      unknownUsageAttempts: row.unknown_usage_attempts,
      unknownCostAttempts: row.unknown_cost_attempts,
      promptTokens: Number(row.prompt_tokens),
      completionTokens: Number(row.completion_tokens),
      cachedTokens: Number(row.cached_tokens),
      reasoningTokens: Number(row.reasoning_tokens),
      costUsd: Number(row.cost_usd),
    },
  };
}
