import { quoted, type Database } from "../database/index.ts";
import { columnsOfUsage } from "./columns.ts";
import { other, type Line } from "./usage-lines.ts";

/** Rows that a process adds in one statement. */
export interface UsageBatch {
  /** Id of the process. */
  readonly writer: string;
  /** Number of the batch, from 1. */
  readonly number: number;
  readonly lines: readonly Line[];
}

/**
 * Adds a batch to the table `usage`. A batch that is written again, because the reply to its statement was
 * lost, is not counted again.
 *
 * @param maxLines - Rows of one day and key from which on new users are counted as `(other)`. From twice as
 * many on, also new models and roles.
 */
export async function writeUsage(
  { query, schema: name }: Database,
  { writer, number, lines }: UsageBatch,
  maxLines = 10_000,
): Promise<void> {
  const schema = quoted(name);
  const columns = Object.values(columnsOfUsage);
  const added = columns.map((column) => `sum(${column}) AS ${column}`);
  const sums = columns.map((column) => `${column} = u.${column} + EXCLUDED.${column}`);
  const given = Object.entries(columnsOfUsage).map(
    ([field, column]) => `g."${field}" AS ${column}`,
  );
  const types = Object.keys(columnsOfUsage).map((field) => `"${field}" numeric`);
  // Rows in one order, so that processes cannot deadlock.
  await query(
    `WITH batch AS (
       INSERT INTO ${schema}.usage_writers AS w (id, number, written_at)
       VALUES ($1, $2, clock_timestamp())
       ON CONFLICT (id) DO UPDATE SET number = $2, written_at = clock_timestamp() WHERE w.number < $2
       RETURNING id
     ), given AS (
       SELECT g.* FROM batch, json_to_recordset($3::json) AS g (
         day date, "keyId" text, role text, model text, "user" text, ${types.join(", ")})
     ), sizes AS (
       SELECT day, key_id, count(*) AS lines FROM ${schema}.usage
       WHERE (day, key_id) IN (SELECT day, "keyId" FROM given) GROUP BY day, key_id
     ), named AS (
       SELECT g.day, g."keyId" AS key_id, ${unlessFull("role", 2 * maxLines)} AS role,
         ${unlessFull("model", 2 * maxLines)} AS model,
         ${unlessFull(`"user"`, maxLines)} AS user_name, ${given.join(", ")}
       FROM given AS g
       LEFT JOIN sizes AS size ON size.day = g.day AND size.key_id = g."keyId"
       LEFT JOIN ${schema}.usage AS known ON known.day = g.day AND known.key_id = g."keyId"
         AND known.role = g.role AND known.model = g.model AND known.user_name = g."user"
     )
     INSERT INTO ${schema}.usage AS u
       (day, key_id, role, model, user_name, ${columns.join(", ")})
     SELECT day, key_id, role, model, user_name, ${added.join(", ")}
     FROM named GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
     ON CONFLICT (day, key_id, role, model, user_name) DO UPDATE SET ${sums.join(", ")}`,
    [writer, number, JSON.stringify(lines)],
    { isFrequent: true },
  );
}

/** The given name, if it has a row already or there is room for one. */
function unlessFull(column: string, maximum: number): string {
  return `CASE WHEN known.day IS NOT NULL OR coalesce(size.lines, 0) < ${maximum}
    THEN g.${column} ELSE '${other}' END`;
}
