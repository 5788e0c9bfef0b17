import { checkWritable, isOutage, type Database } from "../database/index.ts";
import { Latch } from "../background/latch.ts";
import type { Lease, RunQueue } from "../queue/run-queue.ts";

export interface HeartbeatOptions {
  readonly database: Pick<Database, "heartbeat">;
  readonly queue: Pick<RunQueue, "renew">;
  /** Leases to renew. */
  readonly leases: () => readonly Lease[];
  /** Called after each heartbeat that the database has answered. */
  readonly onBeat: () => void;
  /** Called for a lease that was not renewed: it has expired, or was given back. */
  readonly onLost: (lease: Lease) => void;
  readonly onOutage: (error: unknown) => void;
  readonly onError: (error: unknown) => void;
}

const intervalMs = 3000;
/** After a failed heartbeat: a lease expires after few of them. */
const retryMs = 500;

/** Renews a worker's leases, on a separate connection, until it is disposed. */
export class Heartbeat implements AsyncDisposable {
  readonly #options: HeartbeatOptions;
  readonly #stopping = new AbortController();
  readonly #pause = new Latch();
  readonly #loop: Promise<void>;
  #lastAt: Date | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  /** When the database last answered. */
  get lastAt(): Date | undefined {
    return this.#lastAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const isAnswered = await this.#beat();
      const pauseMs = isAnswered ? intervalMs - (performance.now() - startedAt) : retryMs;
      await this.#pause.next(Math.max(0, pauseMs), signal);
    }
  }

  /** @returns whether the database has answered */
  async #beat(): Promise<boolean> {
    const { onBeat, onLost, onOutage, onError } = this.#options;
    try {
      const lost = await this.#renew();
      this.#lastAt = new Date();
      for (const lease of lost) onLost(lease);
      onBeat();
      return true;
    } catch (error) {
      if (isOutage(error)) onOutage(error);
      else onError(error);
      return false;
    }
  }

  async #renew(): Promise<readonly Lease[]> {
    const { database, queue, leases } = this.#options;
    const held = leases();
    if (held.length > 0) return queue.renew(held);
    // A worker without runs also notices that it could take none.
    await checkWritable(database.heartbeat);
    return [];
  }
}
