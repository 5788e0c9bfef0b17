import type { OrchestraEvent } from "@orchestra/core";
import type { Blob, CheckpointLog, CheckpointRow, Write } from "../checkpoints/index.ts";
import { outlastOutages, type Transaction } from "../database/index.ts";
import type { LiveLane } from "../events/index.ts";
import type { KeptEntry } from "../journal/index.ts";
import {
  noUsage,
  type Batch,
  type Claim,
  type End,
  type RunStore,
  type Written,
} from "../runs/index.ts";
import { PendingWrites, type PendingWrite } from "./pending-writes.ts";
import { RunStoppedError } from "./stop-reason.ts";

export interface RunLogOptions {
  readonly store: RunStore;
  readonly live: LiveLane;
  readonly claim: Claim;
  /** Whether the run can have no checkpoints yet. */
  readonly isNew: boolean;
  /** Runs `work` in a transaction, together with the end. */
  readonly transaction: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;
  /** Called when another worker has the run, or it has ended. */
  readonly onLost: () => void;
  /** Called each time that a write fails because the database is not available. */
  readonly onOutage: (error: unknown) => void;
  /** Called when the database has answered a write. */
  readonly onAnswer: () => void;
  /** Receives each write after the run was left or lost: costs may become known that late. */
  readonly onLate: (booked: Promise<void>) => void;
  /** Receives the errors of writes that no caller waits for. */
  readonly onError: (error: unknown) => void;
}

/** The job that continues a run. */
export interface NextJob {
  readonly jobId: string;
  readonly begin: (transaction: Transaction) => Promise<void>;
}

type Part = Partial<Pick<Batch, "answers" | "checkpoints" | "blobs" | "writes">>;

/** How long events that no caller waits for are collected, in milliseconds. */
const gatherMs = 200;

/**
 * The one writer of an execution. Its events, answers, checkpoints, usage and end go through here, in
 * their order, in as few statements as possible. Each statement checks that the run still belongs to this
 * execution. If not, nothing more is written, but the cost of its calls is booked.
 */
export class RunLog implements CheckpointLog {
  readonly #options: RunLogOptions;
  readonly #pending = new PendingWrites();
  /** Threads with checkpoints of this execution. */
  readonly #namespaces = new Set<string>();
  /** The error of a deferred write, until the next caller gets it. */
  #refusal: { readonly error: unknown } | undefined;
  /** Whether a caller waits for an entry that is not being written yet. */
  #isAwaited = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** How many statements have written or booked. */
  #writes = 0;
  #isOver = false;

  constructor(options: RunLogOptions) {
    this.#options = options;
  }

  /** Adds an event of a call or an agent. */
  readonly onEvent = (event: OrchestraEvent): void => {
    const { live, claim, onLate, onError } = this.#options;
    const delta = this.#pending.addEvent(event);
    if (delta) live.add(claim, delta);
    else if (this.#isOver) onLate(this.flush().catch(onError));
    else this.#soon();
  };

  /** No caller waits for a deferred write: the next one that waits gets the error. */
  readonly #onRefusal = (error: unknown): void => {
    this.#refusal ??= { error };
  };

  /** A step of the graph is done, by this execution or, if `isStored`, by an earlier one. */
  stepEnd(step: string, isStored: boolean): void {
    this.#pending.stepEnd(step, isStored);
    this.#soon();
  }

  /**
   * Stores an answer with its cost; resolves when both are in the database. It survives
   * outages.
   *
   * @throws {RunStoppedError} if the run no longer belongs to this execution
   * @throws the error of the database, except that it is not available; other results are still written
   */
  keep(entry: KeptEntry): Promise<void> {
    return this.#put({ answers: [entry] });
  }

  hasNone(threadId: string, namespace: string): boolean {
    const { claim, isNew } = this.#options;
    return isNew && threadId === claim.runId && !this.#namespaces.has(namespace);
  }

  /** Like {@link keep}. */
  putCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): Promise<void> {
    this.#namespaces.add(checkpoint.namespace);
    return this.#put({ checkpoints: [checkpoint], blobs });
  }

  putLastCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void {
    this.deferCheckpoint(checkpoint, blobs);
    this.#isAwaited = this.#pending.deferAll(this.#onRefusal);
  }

  deferCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void {
    this.#namespaces.add(checkpoint.namespace);
    const part = { checkpoints: [checkpoint], blobs };
    this.#pending.add({ ...part, resolve: () => undefined, reject: this.#onRefusal });
    this.#soon();
  }

  /** Like {@link keep}. */
  putWrites(writes: readonly Write[]): Promise<void> {
    return this.#put({ writes });
  }

  async stored(): Promise<void> {
    await this.#next(async () => {
      if (this.#pending.hasEntries) await this.#write();
    });
    this.#throwRefusal();
  }

  /** Resolves when all received events are written, or the execution has lost its run. */
  flush(): Promise<void> {
    return this.#next(() => this.#write());
  }

  /**
   * Leaves the run, and writes the remaining results. The job is then finished, unless the run goes back into the queue.
   *
   * @param next - If another job continues the run: its id, and work in the same transaction.
   * @returns whether the run still belonged to this execution
   * @throws the error of the database if it refuses the end, or has refused a checkpoint: the run can be left
   * in another way then
   */
  leave(end: End, next?: NextJob): Promise<boolean> {
    return this.#next(async () => {
      if (this.#isOver) {
        await this.#lose(this.#takeAll());
        return false;
      }
      this.#throwRefusal();
      const left = this.#takeAll();
      try {
        return await this.#leave(left, end, next);
      } catch (error) {
        const parts = left.split();
        if (parts.length === 0) throw error;
        await this.#writeEach(parts);
        this.#throwRefusal();
        return this.#leave(this.#takeAll(), end, next);
      }
    });
  }

  async #leave(left: PendingWrite, end: End, next: NextJob | undefined): Promise<boolean> {
    const wrote = await this.#append(left, { ...end, jobId: next?.jobId }, next?.begin);
    this.#isOver = true;
    return wrote !== "lost";
  }

  async #put(part: Part): Promise<void> {
    const { promise: added, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.add({ ...part, resolve, reject });
    this.#isAwaited = true;
    // The entry's own promise reports the result.
    void this.#next(() => this.#writeAwaited()).catch(() => undefined);
    await added;
    // Earlier deferred results were written with it.
    this.#throwRefusal();
  }

  #throwRefusal(): void {
    const refusal = this.#refusal;
    this.#refusal = undefined;
    if (refusal) throw refusal.error;
  }

  /** Does the writes one after the other. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const written = this.#writing.then(work);
    this.#writing = written.then(
      () => undefined,
      () => undefined,
    );
    return written;
  }

  /** Writes nothing if the entries were in the previous write: events alone can wait. */
  async #writeAwaited(): Promise<void> {
    // Results of the same turn of the event loop are written together.
    await new Promise(setImmediate);
    if (this.#isAwaited) await this.#write();
  }

  /** Writes the collected results; results that arrive during the write are for the next one. */
  async #write(): Promise<void> {
    this.#isGathered();
    const pending = this.#pending.take();
    if (!pending) return;
    try {
      await this.#append(pending);
    } catch (error) {
      // The database refuses a part of it: the parts are written one after the other, so that the rest is stored.
      const parts = pending.split();
      if (parts.length < 2) return this.#refuse(pending, error);
      await this.#writeEach(parts);
    }
  }

  async #writeEach(parts: readonly PendingWrite[]): Promise<void> {
    for (const part of parts) {
      await this.#append(part).catch((refusal: unknown) => this.#refuse(part, refusal));
    }
  }

  async #append(
    pending: PendingWrite,
    end?: Batch["end"],
    begin?: NextJob["begin"],
  ): Promise<Written> {
    const { store, live, claim, transaction } = this.#options;
    if (this.#isOver) return this.#lose(pending);
    const number = this.#writes + 1;
    const batch = { ...pending.batch, end };
    await live.settle(claim.runId, pending.calls);
    const wrote = await this.#outlast(() =>
      begin
        ? transaction(async (tx) => {
            const written = await store.append(claim, number, batch, tx.query);
            if (written === "written") await begin(tx);
            return written;
          })
        : store.append(claim, number, batch),
    );
    if (wrote === "lost") return this.#lose(pending);
    this.#writes = number;
    pending.resolve();
    return wrote;
  }

  #refuse(pending: PendingWrite, error: unknown): void {
    if (pending.isAwaited) pending.reject(error);
    else this.#options.onError(error);
  }

  /** Another execution has the run, or it has ended: the cost is booked nevertheless. */
  async #lose(pending: PendingWrite): Promise<"lost"> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#options.onLost();
    }
    pending.reject(new RunStoppedError({ kind: "lost" }));
    await this.#book(pending);
    return "lost";
  }

  async #book({ batch: { usage } }: PendingWrite): Promise<void> {
    if (usage === noUsage) return;
    const { store, claim } = this.#options;
    const number = (this.#writes += 1);
    await this.#outlast(() => store.book(claim, number, usage));
  }

  async #outlast<T>(write: () => Promise<T>): Promise<T> {
    const { onOutage, onAnswer } = this.#options;
    try {
      return await outlastOutages(write, { onOutage });
    } finally {
      onAnswer();
    }
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#options.onError), gatherMs);
  }

  #takeAll(): PendingWrite {
    this.#isGathered();
    return this.#pending.takeAll();
  }

  /** The collected results are taken: no caller waits for a write any more. */
  #isGathered(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isAwaited = false;
  }
}
