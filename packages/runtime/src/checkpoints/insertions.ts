/** A statement, and the values for its places. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What LangGraph keeps of a state's channel in one version. */
export type Blob = readonly [
  threadId: string,
  namespace: string,
  channel: string,
  version: string,
  type: string,
  value: Uint8Array | undefined,
];

/** What one task wrote to one channel. */
export type Write = readonly [
  threadId: string,
  namespace: string,
  checkpointId: string,
  taskId: string,
  index: number,
  channel: string,
  type: string,
  value: Uint8Array,
];

export interface CheckpointRow {
  readonly threadId: string;
  readonly namespace: string;
  readonly id: string;
  readonly parentId: string | undefined;
  readonly checkpoint: object;
  readonly metadata: object;
}

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
 * What a task wrote, in one statement.
 *
 * @param schema - Quoted.
 * @param replaces - Whether it takes the place of what the task wrote before.
 */
export function insertionOfWrites(
  schema: string,
  writes: readonly Write[],
  replaces: boolean,
): Statement {
  const values: unknown[] = [];
  // One statement cannot write a row twice; of two writes in one place the later one stays.
  const last = replaces ? [...new Map(writes.map((write) => [write[4], write])).values()] : writes;
  const text = `INSERT INTO ${schema}.checkpoint_writes
      (thread_id, checkpoint_ns, checkpoint_id, task_id, idx, channel, type, blob)
    VALUES ${rows(last, values)}
    ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) ${
      replaces
        ? "DO UPDATE SET channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob"
        : "DO NOTHING"
    }`;
  return { text, values };
}

/** Puts the rows' fields among the values, and gives their places. */
function rows(fields: readonly (readonly unknown[])[], values: unknown[]): string {
  return fields
    .map((row) => `(${row.map((field) => `$${values.push(field)}`).join(", ")})`)
    .join(", ");
}
