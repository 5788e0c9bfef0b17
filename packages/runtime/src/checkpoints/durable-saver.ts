import { setTimeout as sleep } from "node:timers/promises";
import type { Checkpoint, CheckpointMetadata } from "@langchain/langgraph";
import { PostgresSaver } from "@langchain/langgraph-checkpoint-postgres";
import { checkInput, schemas } from "@orchestra/core/extend";
import { outlastOutages, quoted, type Database, type Statement } from "../database/index.ts";
import { insertionOfCheckpoint, insertionOfWrites } from "./insertions.ts";
import { isLast, type GraphParts } from "./is-last.ts";
import type { Blob, CheckpointLog, CheckpointRow } from "./rows.ts";
import { timeOfCheckpoint } from "./time-of-checkpoint.ts";
import { withInput, type Channels } from "./with-input.ts";

/**
 * LangGraph's checkpoints in the runtime's own database. While the database is not available, the saver waits,
 * so that a run survives a restart of it; every write may be repeated.
 *
 * The writes of a run's execution go through its log (`configurable.run_log`), together with its other
 * results, and only while the execution owns the run. Other threads are written here, in one statement, although
 * LangGraph's saver writes them row by row in a transaction.
 */
export class DurableSaver extends PostgresSaver {
  readonly #database: Database;
  readonly #schema: string;

  constructor(database: Database) {
    super(database.pool, undefined, { schema: database.schema });
    this.#database = database;
    this.#schema = quoted(database.schema);
  }

  override async getTuple(config: Config) {
    if (config.configurable?.["thread_id"] !== undefined) {
      const { threadId, namespace } = placeOf(config);
      if (logOf(config)?.hasNone(threadId, namespace)) return undefined;
    }
    const tuple = await outlastOutages(() => super.getTuple(config));
    if (tuple) await untilLaterThan(tuple.checkpoint.id);
    return tuple;
  }

  override async *list(...args: Parameters<PostgresSaver["list"]>) {
    const tuples = await outlastOutages(() => Array.fromAsync(super.list(...args)));
    yield* tuples;
  }

  override async put(
    ...[config, checkpoint, metadata, newVersions]: Parameters<PostgresSaver["put"]>
  ) {
    const { row, blobs } = await this.#rowsOf(config, checkpoint, metadata, newVersions);
    const { threadId: thread_id, namespace: checkpoint_ns, id: checkpoint_id } = row;
    const log = logOf(config);
    if (log && metadata.source === "input") log.deferCheckpoint(row, blobs);
    else if (log && endsWith(config, checkpoint)) log.putLastCheckpoint(row, blobs);
    else if (log) await log.putCheckpoint(row, blobs);
    else await this.#execute(insertionOfCheckpoint(this.#schema, row, blobs));
    return { configurable: { thread_id, checkpoint_ns, checkpoint_id } };
  }

  /**
   * A copy of a thread's checkpoint with another input, for another thread.
   *
   * @param channels - The channels of the graph.
   * @returns the statement that inserts it
   */
  async withInput(
    { threadId, checkpointId }: { readonly threadId: string; readonly checkpointId: string },
    channels: Channels,
    input: unknown,
    otherThread: string,
  ): Promise<Statement> {
    const tuple = await this.getTuple(configOf(threadId, checkpointId));
    if (!tuple)
      throw new Error(`The thread ${threadId} has no checkpoint ${checkpointId} any more`);
    const { checkpoint, newVersions } = withInput(tuple.checkpoint, channels, input);
    const parent = configOf(otherThread, tuple.parentConfig?.configurable?.["checkpoint_id"]);
    const { metadata = {} as CheckpointMetadata } = tuple;
    const { row, blobs } = await this.#rowsOf(parent, checkpoint, metadata, newVersions);
    return insertionOfCheckpoint(this.#schema, row, blobs);
  }

  async #rowsOf(
    ...[config, checkpoint, metadata, newVersions]: Parameters<PostgresSaver["put"]>
  ): Promise<{ readonly row: CheckpointRow; readonly blobs: readonly Blob[] }> {
    const { threadId, namespace, checkpointId: parentId } = placeOf(config);
    const { id, channel_values: values } = checkpoint;
    const [blobs, [, metadataJson]] = await Promise.all([
      this._dumpBlobs(threadId, namespace, values, newVersions),
      // Like `_dumpMetadata`, which parses the JSON again.
      this.serde.dumpsTyped(metadata),
    ]);
    const row = {
      threadId,
      namespace,
      id,
      parentId,
      checkpoint: JSON.stringify(this._dumpCheckpoint(checkpoint)),
      metadata: decoder.decode(metadataJson),
    };
    return { row, blobs };
  }

  override async putWrites(
    ...[config, writes, taskId]: Parameters<PostgresSaver["putWrites"]>
  ): Promise<void> {
    if (writes.length === 0) return;
    const { threadId, namespace, checkpointId } = placeOf(config);
    if (checkpointId === undefined) throw new Error("Writes need a checkpoint_id in their config");
    const kept = await this._dumpWrites(threadId, namespace, checkpointId, taskId, writes);
    const log = logOf(config);
    if (log) await log.putWrites(kept);
    else await this.#execute(insertionOfWrites(this.#schema, kept));
  }

  override async deleteThread(threadId: string): Promise<void> {
    checkThreadId(threadId);
    return outlastOutages(() => super.deleteThread(threadId));
  }

  async #execute({ text, values }: Statement): Promise<void> {
    await outlastOutages(() => this.#database.query(text, values));
  }
}

const decoder = new TextDecoder();

/** A larger difference of two clocks is a misconfiguration of the machines, and a wait cannot compensate for it. */
const maxClockDifferenceMs = 60_000;

/**
 * Waits until new checkpoints of this process sort after a loaded one. Their ids contain times, and the clock of
 * the worker that wrote it may be ahead of this one.
 */
async function untilLaterThan(checkpoint: string): Promise<void> {
  const aheadMs = timeOfCheckpoint(checkpoint) - Date.now();
  if (aheadMs < 0 || aheadMs > maxClockDifferenceMs) return;
  // A run that is stopped during the wait does not wait, and must not keep the process alive.
  await sleep(aheadMs + 1, undefined, { ref: false });
}

type Config = Parameters<PostgresSaver["put"]>[0];

function logOf({ configurable }: Config): CheckpointLog | undefined {
  return configurable?.["run_log"] as CheckpointLog | undefined;
}

/** Whether a run ends with a checkpoint: whether it is the last of its outermost graph. */
function endsWith({ configurable = {} }: Config, checkpoint: Checkpoint): boolean {
  const { run_graph: graph, run_id: runId, thread_id: threadId } = configurable;
  const isOutermost = threadId === runId && !configurable["checkpoint_ns"];
  return isOutermost && graph !== undefined && isLast(graph as GraphParts, checkpoint);
}

/** Points to a checkpoint of the outermost graph. */
function configOf(thread_id: string, checkpoint_id: unknown) {
  return { configurable: { thread_id, checkpoint_ns: "", checkpoint_id } };
}

/** The position in the checkpoints that a config points to. */
function placeOf({ configurable = {} }: Config) {
  const {
    thread_id: threadId,
    checkpoint_ns: namespace = "",
    checkpoint_id: checkpointId,
  } = configurable as Readonly<Record<string, string | undefined>>;
  checkThreadId(threadId);
  return { threadId, namespace, checkpointId };
}

function checkThreadId(threadId: unknown): asserts threadId is string {
  checkInput(schemas.id, threadId, "The checkpointer", "thread_id");
}
