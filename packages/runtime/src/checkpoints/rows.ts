/** One version of a channel of a state, in LangGraph's form. */
export type Blob = readonly [
  threadId: string,
  namespace: string,
  channel: string,
  version: string,
  type: string,
  value: Uint8Array | undefined,
];

/** The writes of one task to one channel. LangGraph's own channels have a negative index, and are replaced. */
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
  /** As JSON, like the metadata. */
  readonly checkpoint: string;
  readonly metadata: string;
}

/**
 * Stores the checkpoints of an execution together with its other results, and only
 * while the execution owns the run. In a config it is `configurable.run_log`; `configurable.run_graph` is the graph that
 * executed, whose last checkpoint is stored with the end of the run.
 */
export interface CheckpointLog {
  /** Whether it is known without a query that no checkpoint exists. */
  hasNone(threadId: string, namespace: string): boolean;
  putCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): Promise<void>;
  /**
   * Adds the last checkpoint of a run, after which there is no step. It is stored with the end of the run, like
   * the writes of the same turn, for which no caller waits any more.
   */
  putLastCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void;
  /** Adds a checkpoint that may be lost, because no work was done yet. It is stored with the next write. */
  deferCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void;
  putWrites(writes: readonly Write[]): Promise<void>;
  /**
   * Resolves when everything that was added is stored.
   *
   * @throws the error of the database if it has refused a write
   */
  stored(): Promise<void>;
}
