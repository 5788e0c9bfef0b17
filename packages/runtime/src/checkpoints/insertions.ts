import type { Statement } from "../database/index.ts";
import type { Blob, CheckpointRow, Write } from "./rows.ts";

/**
 * A checkpoint with its channels, in one statement.
 *
 * @param schema - Quoted.
 */
export function insertionOfCheckpoint(
  schema: string,
  { threadId, namespace, id, parentId, checkpoint, metadata }: CheckpointRow,
  blobs: readonly Blob[],
): Statement {
  const values: unknown[] = [threadId, namespace, id, parentId, checkpoint, metadata];
  const text = `INSERT INTO ${schema}.checkpoints
      (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id)
    DO UPDATE SET checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata`;
  if (blobs.length === 0) return { text, values };
  const insertion = `INSERT INTO ${schema}.checkpoint_blobs
      (thread_id, checkpoint_ns, channel, version, type, blob)
    VALUES ${rows(blobs, values)}
    ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING`;
  return { text: `WITH blobs AS (${insertion}) ${text}`, values };
}

/**
 * The writes of a task, in one statement. LangGraph's own channels, with a negative index, are replaced.
 *
 * @param schema - Quoted.
 */
export function insertionOfWrites(schema: string, writes: readonly Write[]): Statement {
  const values: unknown[] = [];
  const text = `INSERT INTO ${schema}.checkpoint_writes
      (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
    VALUES ${rows(lastOfEach(writes), values)}
    ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
    DO UPDATE SET channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob
    WHERE EXCLUDED.idx < 0`;
  return { text, values };
}

/** One statement cannot write a row twice: of two writes to one position, the later one is used. */
export function lastOfEach(writes: readonly Write[]): readonly Write[] {
  const places = writes.map((write) => [JSON.stringify(write.slice(0, 5)), write] as const);
  return [...new Map(places).values()];
}

/** Adds the rows' fields to the values, and returns their placeholders. */
function rows(fields: readonly (readonly unknown[])[], values: unknown[]): string {
  return fields
    .map((row) => `(${row.map((field) => `$${values.push(field)}`).join(", ")})`)
    .join(", ");
}
