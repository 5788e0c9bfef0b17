import { ArgumentError } from "@orchestra/core/gateway";
import { schemas } from "@orchestra/core/extend";
import { z } from "zod";
import { quoted, type Database } from "../database/index.ts";
import { presentSeconds } from "./count-runs.ts";
import { toRun, type RunRow } from "./run-row.ts";
import type { Run, RunStatus } from "./run.ts";

export interface RunFilter {
  readonly status?: RunStatus | readonly RunStatus[] | undefined;
  readonly pipeline?: string | undefined;
  /** Only runs whose id begins with this. */
  readonly idPrefix?: string | undefined;
  /** Only runs that crashed their workers and were given up. */
  readonly deadLetters?: boolean | undefined;
}

export interface ListRunsOptions extends RunFilter {
  /** Most runs of one page; it has fewer where they are large. @defaultValue `50` */
  readonly limit?: number | undefined;
  /** The `next` of the previous page. */
  readonly after?: string | undefined;
}

export interface ListIdsOptions extends RunFilter {
  /** Most ids. @defaultValue all */
  readonly limit?: number | undefined;
}

export interface RunPage {
  /** The newest first. */
  readonly runs: readonly Run[];
  /** Cursor of the next page; absent on the last page. */
  readonly next?: string;
}

/** Bytes that the runs of a page take in the database, compressed. A page has one run more. */
const maxStoredBytes = 2 * 2 ** 20;

/** What a run takes: columns that may be large. Nothing is decompressed to know it. */
const storedBytes = ["input", "output", "waiting", "decisions"]
  .map((column) => `coalesce(pg_column_size(${column}), 0)`)
  .join(" + ");

/** A run with what a page needs beside it. */
interface ListedRow extends RunRow {
  /** When it was created, in microseconds since the epoch. */
  readonly created_us: string;
  /** How many runs there are for the page, and one after it. */
  readonly found: string;
}

const newestFirst = "ORDER BY created_at DESC, id DESC";

/** A page of the matching runs, the newest first. */
export async function listRuns(
  { query, schema }: Database,
  { limit = 50, after, ...filter }: ListRunsOptions,
): Promise<RunPage> {
  const { where, values } = matching(filter, after);
  const rows = await query<ListedRow>(
    `SELECT *, (extract(epoch FROM created_at) * 1000000)::bigint AS created_us, ${hasWorker(schema)} FROM (
       SELECT *, count(*) OVER () AS found, sum(${storedBytes}) OVER
         (${newestFirst} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS bytes_before
       FROM (SELECT * FROM ${quoted(schema)}.runs
         WHERE ${where} ${newestFirst} LIMIT $${values.length + 1}) AS newest
     ) AS run
     WHERE coalesce(bytes_before, 0) < ${maxStoredBytes} ${newestFirst}`,
    [...values, limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const isLast = !last || page.length === Number(last.found);
  return {
    runs: page.map(toRun),
    ...(isLast ? {} : { next: writeCursor(last.created_us, last.id) }),
  };
}

/** The ids of the matching runs, the newest first. */
export async function listRunIds(
  { query, schema }: Database,
  { limit, ...filter }: ListIdsOptions,
): Promise<readonly string[]> {
  const { where, values } = matching(filter);
  const rows = await query<{ readonly id: string }>(
    `SELECT id FROM ${quoted(schema)}.runs WHERE ${where} ${newestFirst} LIMIT $${values.length + 1}`,
    [...values, limit ?? null],
  );
  return rows.map(({ id }) => id);
}

/** The condition for the matching runs, and the values of its placeholders. */
function matching({ status, pipeline, idPrefix, deadLetters }: RunFilter, after?: string) {
  const conditions = ["true"];
  const values: unknown[] = [];
  const add = (condition: (place: string) => string, value: unknown) => {
    values.push(value);
    conditions.push(condition(`$${values.length}`));
  };
  if (status !== undefined) add((place) => `status = ANY(${place})`, [status].flat());
  if (pipeline !== undefined) add((place) => `pipeline = ${place}`, pipeline);
  if (idPrefix !== undefined) add((place) => `starts_with(id, ${place})`, idPrefix);
  if (deadLetters) conditions.push("dead_letter");
  const cursor = after === undefined ? undefined : readCursor(after);
  if (cursor) {
    values.push(cursor.createdAt, cursor.id);
    const createdAt = `'epoch'::timestamptz + $${values.length - 1} * interval '1 microsecond'`;
    conditions.push(`(created_at, id) < (${createdAt}, $${values.length})`);
  }
  return { where: conditions.join(" AND "), values };
}

/** For a queued run, whether an active worker has its pipeline, in its version. */
function hasWorker(schema: string): string {
  return `CASE WHEN status = 'queued' THEN EXISTS (
      SELECT FROM ${quoted(schema)}.workers AS worker
      WHERE worker.seen_at > clock_timestamp() - interval '${presentSeconds} seconds'
        AND run.pipeline || '@' || run.version = ANY(worker.pipelines)
    ) END AS has_worker`;
}

function writeCursor(createdAt: string, id: string): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString("base64url");
}

/** Microseconds since the epoch, within the times that PostgreSQL has, and a run's id. */
const cursorSchema = z.tuple([z.string().regex(/^\d{1,16}$/), schemas.id]);

/** @throws {ArgumentError} for a value that is not from a page */
function readCursor(cursor: string): { createdAt: string; id: string } {
  try {
    const text = Buffer.from(cursor, "base64url").toString();
    const [createdAt, id] = cursorSchema.parse(JSON.parse(text));
    return { createdAt, id };
  } catch {
    // Said below.
  }
  throw new ArgumentError(
    `list(): options.after is not a cursor: expected the "next" of a page of runs (it is ${JSON.stringify(cursor.slice(0, 100))})`,
  );
}
