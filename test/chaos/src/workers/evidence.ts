import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { listArtifacts } from "@orchestra/tools/artifacts";
import type { Database, Run } from "@orchestra/runtime";

/** What the database and the folders have of one run at the end. */
export interface RunEvidence {
  readonly run: Run;
  /** Numbers of its events, in their order. */
  readonly numbers: readonly number[];
  readonly ends: number;
  readonly losses: number;
  readonly artifacts: readonly ArtifactEvidence[];
  /** Its model calls in the journal. */
  readonly kept: readonly KeptCall[];
}

export interface ArtifactEvidence {
  readonly path: string;
  readonly text: string;
  readonly sha256: string;
}

/** An answer in the journal. */
export interface KeptCall {
  /** Generation id of the answer. */
  readonly generationId: string;
  readonly at: number;
}

/** Reads the tables and files of all runs. */
export async function gatherEvidence(
  runs: readonly Run[],
  database: Database,
  artifacts: string,
): Promise<RunEvidence[]> {
  const events = await eventsOf(database);
  const kept = await keptCallsOf(database);
  return Promise.all(
    runs.map(async (run) => {
      const own = events.get(run.id) ?? [];
      const count = (type: string) => own.filter((event) => event.type === type).length;
      return {
        run,
        numbers: own.map(({ number }) => Number(number)),
        ends: count("run-end"),
        losses: count("run-lost"),
        artifacts: await artifactsIn(join(artifacts, run.id)),
        kept: (kept.get(run.id) ?? []).map((row) => ({
          generationId: row.generation_id ?? "",
          at: row.at.getTime(),
        })),
      };
    }),
  );
}

/** Number of unfinished jobs in the queue. */
export async function leftInQueue({ query, schema }: Database): Promise<number> {
  const [row] = await query<{ left: string }>(
    `SELECT count(*) AS left FROM "${schema}_queue".job
     WHERE name = 'run-jobs' AND state IN ('created', 'retry', 'active')`,
  );
  return Number(row?.left);
}

async function eventsOf({ query, schema }: Database) {
  const rows = await query<{ run_id: string; number: string; type: string }>(
    `SELECT run_id, number, event ->> 'type' AS type FROM "${schema}".events ORDER BY run_id, number`,
  );
  return Map.groupBy(rows, (row) => row.run_id);
}

async function keptCallsOf({ query, schema }: Database) {
  const rows = await query<{ run_id: string; at: Date; generation_id: string | null }>(
    `SELECT run_id, at, value #>> '{record,attempts,-1,generationId}' AS generation_id
     FROM "${schema}".journal WHERE kind = 'call'`,
  );
  return Map.groupBy(rows, (row) => row.run_id);
}

async function artifactsIn(folder: string): Promise<ArtifactEvidence[]> {
  const listed = await listArtifacts(folder);
  return Promise.all(
    listed.map(async ({ path }) => {
      const text = await readFile(join(folder, path), "utf8");
      return { path, text, sha256: createHash("sha256").update(text).digest("hex") };
    }),
  );
}
