import { nodeOf } from "@orchestra/core/extend";
import { quoted, type Database } from "../database/index.ts";
import type { EntryKey } from "./kept-entry.ts";

/** An entry of the journal on the path of a run. */
export interface PathEntry extends EntryKey {
  readonly at: Date;
}

/** A model call of a run, with the name at which a fork can begin. */
export interface NamedCall<Entry = PathEntry> {
  readonly entry: Entry;
  /** From 1, over the whole run. */
  readonly number: number;
  /** Its step and its number among the calls of that step, such as `research:2`; outside a graph its number. */
  readonly name: string;
}

/**
 * The entries of a run on its path, in the order in which they were made: without those of steps
 * that were repeated by a retry, and those before a retry.
 *
 * @param before - Only those of the steps before this checkpoint.
 * @param columns - Further columns of the journal.
 */
export function readEntries<Entry extends PathEntry = PathEntry>(
  { query, schema: name }: Pick<Database, "query" | "schema">,
  runId: string,
  { before, columns = [] }: { readonly before?: string; readonly columns?: readonly string[] } = {},
): Promise<Entry[]> {
  const schema = quoted(name);
  const further = columns.map((column) => `, j.${column}`).join("");
  return query<Entry>(
    `WITH RECURSIVE path AS (
      SELECT checkpoint_id, parent_checkpoint_id FROM ${schema}.checkpoints
      WHERE thread_id = $1 AND checkpoint_ns = '' AND checkpoint_id = coalesce($2, (
        SELECT max(checkpoint_id) FROM ${schema}.checkpoints
        WHERE thread_id = $1 AND checkpoint_ns = ''))
      UNION
      SELECT c.checkpoint_id, c.parent_checkpoint_id FROM ${schema}.checkpoints AS c
      JOIN path ON c.checkpoint_id = path.parent_checkpoint_id
      WHERE c.thread_id = $1 AND c.checkpoint_ns = ''
    ), tasks AS (
      SELECT w.task_id FROM ${schema}.checkpoint_writes AS w JOIN path USING (checkpoint_id)
      WHERE w.thread_id = $1 AND w.checkpoint_ns = '' AND w.checkpoint_id IS DISTINCT FROM $2
    ), latest AS (
      SELECT step, max(epoch) AS epoch FROM ${schema}.journal
      WHERE run_id = $1 AND epoch >= 0
        AND partition IN (0, (SELECT partition FROM ${schema}.runs WHERE id = $1))
      GROUP BY step
    )
    SELECT j.epoch, j.kind, j.step, j.name, j.request, j.occurrence, j.at${further}
    FROM ${schema}.journal AS j
    JOIN latest USING (step, epoch)
    JOIN ${schema}.runs AS r ON r.id = j.run_id
    WHERE j.run_id = $1 AND j.partition IN (0, r.partition) AND ((j.epoch = r.epoch AND $2::text IS NULL)
      OR split_part(j.step, ':', 2) IN (SELECT task_id FROM tasks))
    ORDER BY j.at, j.occurrence, j.kind, j.step, j.name, j.request`,
    [runId, before ?? null],
  );
}

/** Names the model calls among the entries of a run, which are in their order. */
export function nameCalls<Entry extends Pick<PathEntry, "kind" | "step">>(
  entries: readonly Entry[],
): readonly NamedCall<Entry>[] {
  const ofNodes = new Map<string, number>();
  return entries
    .filter(({ kind }) => kind === "call")
    .map((entry, index) => {
      const node = nodeOf(entry.step);
      const ofNode = (ofNodes.get(node) ?? 0) + 1;
      ofNodes.set(node, ofNode);
      const number = index + 1;
      return { entry, number, name: node === "" ? String(number) : `${node}:${ofNode}` };
    });
}

/** LangGraph's id of a step's task; `undefined` outside a graph. */
export function taskOf(step: string): string | undefined {
  return step.split(":", 2)[1];
}
