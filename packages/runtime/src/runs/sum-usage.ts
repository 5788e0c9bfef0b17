import { quoted, type Database } from "../database/index.ts";
import type { RunUsage } from "./run.ts";

/** What runs are grouped by; days are those of UTC on which they were started. */
export type UsageKey = "day" | "pipeline" | "status" | "key";

export interface UsageOptions {
  readonly by: UsageKey;
  /** Runs that were started since. */
  readonly since: Date;
}

/** Sums of runs. */
export interface UsageLine extends RunUsage {
  /** The day as `2026-11-28`, the pipeline, the status, or the name of the key; `(no key)` for runs without one. */
  readonly name: string;
  readonly runs: number;
}

const names: Readonly<Record<UsageKey, string>> = {
  day: `to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  pipeline: "pipeline",
  status: "status::text",
  key: "coalesce(key_name, '(no key)')",
};

/** The newest day first, or what cost the most. */
const orders: Readonly<Record<UsageKey, string>> = {
  day: "1 DESC",
  pipeline: `"costUsd" DESC, 1`,
  status: `"costUsd" DESC, 1`,
  key: `"costUsd" DESC, 1`,
};

/** Each sum, and its column in the table of runs. */
const sums: Readonly<Record<keyof RunUsage, string>> = {
  calls: "calls",
  failedCalls: "failed_calls",
  attempts: "attempts",
  unknownUsageAttempts: "unknown_usage_attempts",
  unknownCostAttempts: "unknown_cost_attempts",
  promptTokens: "prompt_tokens",
  completionTokens: "completion_tokens",
  cachedTokens: "cached_tokens",
  reasoningTokens: "reasoning_tokens",
  costUsd: "cost_usd",
};

/** What runs have used, in the books of the database. */
export async function sumUsage(
  { query, schema }: Database,
  { by, since }: UsageOptions,
): Promise<readonly UsageLine[]> {
  const columns = Object.entries(sums).map(
    ([name, column]) => `sum(${column})::double precision AS "${name}"`,
  );
  return query<UsageLine>(
    `SELECT ${names[by]} AS name, count(*)::double precision AS runs, ${columns.join(", ")}
     FROM (
       SELECT *, (SELECT name FROM ${quoted(schema)}.keys WHERE id = key_id) AS key_name
       FROM ${quoted(schema)}.runs
     ) AS runs WHERE created_at >= $1 GROUP BY 1 ORDER BY ${orders[by]}`,
    [since],
  );
}
