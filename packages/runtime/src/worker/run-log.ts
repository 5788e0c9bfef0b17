import type { OrchestraEvent } from "@orchestra/core";
import type { Blob, CheckpointLog, CheckpointRow, Write } from "../checkpoints/index.ts";
import { outlastOutages, type Transaction } from "../database/index.ts";
import type { LiveLane } from "../events/index.ts";
import type { KeptEntry } from "../journal/index.ts";
import { noUsage, type Batch, type Claim, type End, type RunStore } from "../runs/index.ts";
import { PendingWrites, type PendingWrite } from "./pending-writes.ts";
import { RunStoppedError } from "./stop-reason.ts";

export interface RunLogOptions {
  readonly store: RunStore;
  readonly live: LiveLane;
  readonly claim: Claim;
  /** Whether the run can have no checkpoints yet. */
  readonly isNew: boolean;
  /** Inside of a transaction: what is to happen together with the end. */
  readonly transaction: <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;
  /** Called when another worker has the run, or it has ended. */
  readonly onLost: () => void;
  /** Receives what the database refuses of what nobody waits for. */
  readonly onError: (error: unknown) => void;
}

/** The job that goes on with a run. */
export interface NextJob {
  readonly jobId: string;
  readonly begin: (transaction: Transaction) => Promise<void>;
}

type Part = Partial<Pick<Batch, "answers" | "checkpoints" | "blobs" | "writes">>;

/** How long events are gathered that nobody waits for, in milliseconds. */
const gatherMs = 200;

/**
 * The one writer of an execution. Its events, answers, checkpoints, usage and end go through here, in
 * their order, in as few statements as there can be; each statement checks that the run is still this
 * execution's. Where it is not, nothing of it is written any more, but what it has paid is booked.
 */
export class RunLog implements CheckpointLog {
  readonly #options: RunLogOptions;
  readonly #pending = new PendingWrites();
  /** Those that have checkpoints of this execution. */
  readonly #namespaces = new Set<string>();
  /** What is written with the next entry, whose caller learns of its failure as well. */
  #deferred: Promise<void> = Promise.resolve();
  /** Whether somebody waits for an entry that is not being written yet. */
  #isAwaited = false;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** How many statements have written or booked. */
  #writes = 0;
  #isOver = false;

  constructor(options: RunLogOptions) {
    this.#options = options;
  }

  /** Takes an event of a call or an agent. */
  readonly hear = (event: OrchestraEvent): void => {
    const { live, claim } = this.#options;
    const delta = this.#pending.hear(event);
    if (delta) live.add(claim, delta);
    else this.#soon();
  };

  /** A step of the graph is done. */
  stepEnd(step: string): void {
    this.#pending.stepEnd(step);
    this.#soon();
  }

  /**
   * Keeps an answer, together with what it cost; resolves when both are in the database. It outlasts
   * outages.
   *
   * @throws {RunStoppedError} where the run is no longer this execution's
   * @throws what the database says, other than that it is away; what else was to be written is written
   */
  keep(entry: KeptEntry): Promise<void> {
    return this.#put({ answers: [entry] });
  }

  hasNone(threadId: string, namespace: string): boolean {
    const { claim, isNew } = this.#options;
    return isNew && threadId === claim.runId && !this.#namespaces.has(namespace);
  }

  /** As {@link keep}. */
  putCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): Promise<void> {
    this.#namespaces.add(checkpoint.namespace);
    return this.#put({ checkpoints: [checkpoint], blobs });
  }

  deferCheckpoint(checkpoint: CheckpointRow, blobs: readonly Blob[]): void {
    this.#namespaces.add(checkpoint.namespace);
    const added = this.#add({ checkpoints: [checkpoint], blobs });
    const deferred = Promise.all([this.#deferred, added]).then(() => undefined);
    deferred.catch(() => undefined);
    this.#deferred = deferred;
    this.#soon();
  }

  /** As {@link keep}. */
  putWrites(writes: readonly Write[]): Promise<void> {
    return this.#put({ writes });
  }

  /** Resolves when all that was heard is written, or the run is no longer this execution's. */
  flush(): Promise<void> {
    return this.#next(() => this.#write());
  }

  /**
   * Leaves the run, with what is left to write.
   *
   * @param next - Where another job is to go on with the run: its id, and what is to happen in the same
   * transaction.
   * @returns whether it was still this execution's to say
   */
  leave(end: End, next?: NextJob): Promise<boolean> {
    return this.#next(async () => {
      await this.#write();
      if (this.#isOver) return false;
      const left = this.#pending.takeAll();
      try {
        const isOurs = await this.#leave(end, left, next);
        if (isOurs) left.resolve();
        else await this.#lose(left);
        return isOurs;
      } catch (error) {
        left.reject(error);
        await this.#book(left);
        throw error;
      } finally {
        this.#isOver = true;
      }
    });
  }

  async #leave(end: End, { batch, calls }: PendingWrite, next?: NextJob): Promise<boolean> {
    const { store, live, claim, transaction } = this.#options;
    const number = this.#writes + 1;
    await live.settle(claim.runId, calls);
    if (!next) {
      const wrote = await outlastOutages(() => store.append(claim, number, { ...batch, end }));
      return wrote !== "lost";
    }
    const { jobId, begin } = next;
    const last = { ...batch, end: { ...end, jobId } };
    return outlastOutages(() =>
      transaction(async (tx) => {
        const wrote = await store.append(claim, number, last, tx.query);
        if (wrote === "written") await begin(tx);
        return wrote !== "lost";
      }),
    );
  }

  async #put(part: Part): Promise<void> {
    const added = this.#add(part);
    const deferred = this.#deferred;
    this.#deferred = Promise.resolve();
    this.#isAwaited = true;
    // The entry's own promise says what became of it.
    void this.#next(() => this.#writeAwaited()).catch(() => undefined);
    await Promise.all([added, deferred]);
  }

  #add(part: Part): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#pending.add({ ...part, resolve, reject });
    return promise;
  }

  /** Does one piece of writing after the other. */
  #next<T>(work: () => Promise<T>): Promise<T> {
    const written = this.#writing.then(work);
    this.#writing = written.then(
      () => undefined,
      () => undefined,
    );
    return written;
  }

  /** Writes nothing where the entries were in the write before: events alone can wait. */
  async #writeAwaited(): Promise<void> {
    // What comes in the same turn of the event loop is written together.
    await new Promise(setImmediate);
    if (this.#isAwaited) await this.#write();
  }

  /** Writes what has gathered; what comes meanwhile is for the next write. */
  async #write(): Promise<void> {
    this.#stopTimer();
    this.#isAwaited = false;
    const pending = this.#pending.take();
    if (!pending) return;
    if (this.#isOver) return this.#lose(pending);
    try {
      await this.#append(pending);
    } catch (error) {
      // The database refuses something of it: one part after the other, so that the rest is kept.
      const parts = pending.split();
      if (parts.length < 2) return this.#refuse(pending, error);
      for (const part of parts) {
        await this.#append(part).catch((refusal: unknown) => this.#refuse(part, refusal));
      }
    }
  }

  async #append(pending: PendingWrite): Promise<void> {
    const { store, live, claim } = this.#options;
    if (this.#isOver) return this.#lose(pending);
    const number = this.#writes + 1;
    await live.settle(claim.runId, pending.calls);
    const wrote = await outlastOutages(() => store.append(claim, number, pending.batch));
    if (wrote === "lost") return this.#lose(pending);
    this.#writes = number;
    pending.resolve();
  }

  #refuse(pending: PendingWrite, error: unknown): void {
    if (pending.isAwaited) pending.reject(error);
    else this.#options.onError(error);
  }

  /** Another has the run, or it has ended: what was paid for is booked all the same. */
  async #lose(pending: PendingWrite): Promise<void> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#options.onLost();
    }
    pending.reject(new RunStoppedError({ kind: "lost" }));
    await this.#book(pending);
  }

  async #book({ batch: { usage } }: PendingWrite): Promise<void> {
    if (usage === noUsage) return;
    const { store, claim } = this.#options;
    const number = (this.#writes += 1);
    await outlastOutages(() => store.book(claim, number, usage));
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => void this.flush().catch(this.#options.onError), gatherMs);
  }

  #stopTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
