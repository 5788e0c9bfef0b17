import { quoted, type Database } from "../database/index.ts";
import type { RunUsage } from "../runs/index.ts";
import { columnsOfUsage } from "./columns.ts";
import { other } from "./usage-lines.ts";

/** Groups for all calls. Days are UTC days on which the calls began. */
type CallKey = "day" | "role" | "model" | "key" | "user";
/** Groups for runs. */
type RunKey = "pipeline" | "status";
export type UsageKey = CallKey | RunKey;

export interface UsageOptions {
  readonly by: UsageKey;
  /** Calls of this UTC day and of later ones; runs that were started since. */
  readonly since: Date;
  /** Only the usage of this client's key. @defaultValue all */
  readonly keyId?: string | undefined;
}

/** Sums of calls, or of runs. */
export interface UsageLine extends RunUsage {
  /**
   * The day as `2026-11-28`, the role, the model, the name of the key (`(no key)` if there is none), the
   * user (`(no user)` if there is none), the pipeline, or the status.
   */
  readonly name: string;
  /** Number of runs; only by pipeline and status. */
  readonly runs?: number;
}

const ofCalls: Readonly<Record<CallKey, string>> = {
  day: `to_char(line.day, 'YYYY-MM-DD')`,
  role: "line.role",
  model: "line.model",
  key: "coalesce(keys.name, '(no key)')",
  user: "coalesce(nullif(line.user_name, ''), '(no user)')",
};

const ofRuns: Readonly<Record<RunKey, string>> = {
  pipeline: "line.pipeline",
  status: "line.status",
};

/** Maximum rows of one answer; the rows with the lowest cost are summed up as `(other)`. Enough for the days of ten years. */
const maxLines = 5000;

/** The usage of calls or runs from the database: the newest day first, or the highest cost. */
export async function sumUsage(
  { query, schema: name }: Database,
  { by, since, keyId }: UsageOptions,
): Promise<readonly UsageLine[]> {
  const schema = quoted(name);
  const isOfRuns = by === "pipeline" || by === "status";
  const sums = Object.entries(columnsOfUsage);
  const columns = [
    ...sums.map(([field, column]) => `sum(line.${column})::double precision AS "${field}"`),
    ...(isOfRuns ? ["count(*)::double precision AS runs"] : []),
  ];
  const fields = [...sums.map(([field]) => field), ...(isOfRuns ? ["runs"] : [])];
  const order = by === "day" ? "name DESC" : `"costUsd" DESC, name`;
  const from = isOfRuns
    ? `${schema}.runs AS line WHERE line.created_at >= $1::timestamptz`
    : `${schema}.usage AS line LEFT JOIN ${schema}.keys ON keys.id = line.key_id
       WHERE line.day >= ($1::timestamptz AT TIME ZONE 'UTC')::date`;
  return query<UsageLine>(
    `WITH lines AS (
       SELECT ${isOfRuns ? ofRuns[by] : ofCalls[by]} AS name, ${columns.join(", ")}
       FROM ${from} AND ($2::text IS NULL OR line.key_id = $2) GROUP BY 1
     ), placed AS (
       SELECT CASE WHEN row_number() OVER (ORDER BY ${order}) <= ${maxLines}
         THEN name ELSE '${other}' END AS name, ${fields.map((field) => `"${field}"`).join(", ")}
       FROM lines
     )
     SELECT name, ${fields.map((field) => `sum("${field}") AS "${field}"`).join(", ")}
     FROM placed GROUP BY name ORDER BY ${order}`,
    [since, keyId ?? null],
  );
}
