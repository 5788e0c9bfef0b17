/** What LangGraph keeps of a state's channel in one version. */
export type Blob = readonly [
  threadId: string,
  namespace: string,
  channel: string,
  version: string,
  type: string,
  value: Uint8Array | undefined,
];

/** What one task wrote to one channel. LangGraph's own channels have a negative index, and are replaced. */
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
  /** As JSON, as the metadata is. */
  readonly checkpoint: string;
  readonly metadata: string;
}

/**
 * Where the checkpoints of an execution go: they are stored together with what else it has done, and only
 * while the run is its. In a config it is `configurable.run_log`; `configurable.run_graph` is the graph that is
 * executed, whose last checkpoint is stored with the end of the run.
 */
export interface CheckpointLog {
  /** Whether it is known without a query that there is no checkpoint. */
  hasNone(threadId: string, namespace: string): boolean;
  putCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): Promise<void>;
  /**
   * Puts the last checkpoint of a run, after which no step comes. It is stored with the end of the run, as is
   * what was put in the same turn, for which no caller waits any more.
   */
  putLastCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void;
  /** Puts a checkpoint that may get lost: nothing was done yet. It is stored with what comes next. */
  deferCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void;
  putWrites(writes: readonly Write[]): Promise<void>;
  /**
   * Resolves when all that was put is stored.
   *
   * @throws what the database says where it has refused some of it
   */
  stored(): Promise<void>;
}
