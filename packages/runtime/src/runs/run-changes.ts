import type { Decision, Fork } from "./run-row.ts";
import type { RunFailure, RunStatus, RunUsage, Waiting } from "./run.ts";

/** What of a run is to change; what is left out stays, `null` clears. */
export interface RunChanges {
  readonly status?: RunStatus;
  readonly waiting?: Waiting | null;
  readonly output?: unknown;
  readonly error?: RunFailure | null;
  readonly decision?: Decision | null;
  readonly fork?: Fork | null;
  readonly worker?: string;
  readonly cancelReason?: string | null;
  readonly isDeadLetter?: boolean;
  readonly crashes?: number;
  readonly executions?: number;
  readonly writes?: number;
  readonly epoch?: number;
  /** Adds to what the run has done so far. */
  readonly progress?: number;
  /** Marks how far the run has come by now. */
  readonly marksProgress?: boolean;
  /** Adds to what the run has used so far. */
  readonly usage?: RunUsage | undefined;
  readonly starts?: boolean;
  readonly ends?: boolean;
}

/** The changes as the `SET` of an update; its values take the places from `$1`. */
export function assignmentsFor(
  changes: RunChanges,
  events: number,
): { readonly sql: string; readonly values: readonly unknown[] } {
  const sets: string[] = [];
  const values: unknown[] = [];
  const place = (value: unknown) => `$${values.push(value)}`;
  const set = (column: string, value: unknown) => {
    if (value !== undefined) sets.push(`${column} = ${place(value)}`);
  };
  const json = (column: string, value: unknown) =>
    set(column, value === undefined || value === null ? value : JSON.stringify(value));
  const add = (column: string, value: number | undefined) => {
    if (value) sets.push(`${column} = ${column} + ${place(value)}`);
  };

  set("status", changes.status);
  json("waiting", changes.waiting);
  json("output", changes.output);
  json("error", changes.error);
  json("decision", changes.decision);
  json("fork", changes.fork);
  set("worker", changes.worker);
  set("cancel_reason", changes.cancelReason);
  set("dead_letter", changes.isDeadLetter);
  set("crashes", changes.crashes);
  set("executions", changes.executions);
  set("writes", changes.writes);
  set("epoch", changes.epoch);
  add("progress", changes.progress);
  add("event_count", events);
  add("calls", changes.usage?.calls);
  add("failed_calls", changes.usage?.failedCalls);
  add("attempts", changes.usage?.attempts);
  add("unknown_usage_attempts", changes.usage?.unknownUsageAttempts);
  add("unknown_cost_attempts", changes.usage?.unknownCostAttempts);
  add("prompt_tokens", changes.usage?.promptTokens);
  add("completion_tokens", changes.usage?.completionTokens);
  add("cached_tokens", changes.usage?.cachedTokens);
  add("reasoning_tokens", changes.usage?.reasoningTokens);
  add("cost_usd", changes.usage?.costUsd);
  if (changes.marksProgress) sets.push("progress_at_start = progress");
  if (changes.starts) sets.push("started_at = coalesce(started_at, clock_timestamp())");
  if (changes.ends !== undefined) {
    sets.push(`ended_at = ${changes.ends ? "clock_timestamp()" : "NULL"}`);
  }
  return { sql: sets.join(", "), values };
}
