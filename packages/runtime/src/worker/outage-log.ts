import type { Logger } from "@orchestra/core";
import { messageOf } from "@orchestra/core/extend";

/** An outage of the database, as a worker has noticed it. */
export interface CurrentOutage {
  readonly since: Date;
  /** The message of the first error. */
  readonly reason: string;
}

/** The parts that notice outages: each may fail and recover by itself, such as the writes of a run on a full disk. */
export type OutageSource = "heartbeat" | "queue" | `run ${string}`;

const reminderMs = 30_000;

/** Tracks whether the database can be used, and logs outages: at the beginning, every 30 seconds, and at the end. */
export class OutageLog implements Disposable {
  readonly #logger: Logger;
  readonly #onBegin: (error: unknown) => void;
  readonly #failing = new Set<OutageSource>();
  #current: CurrentOutage | undefined;
  #endedAt: Date | undefined;
  #reminder: NodeJS.Timeout | undefined;

  /** @param onBegin - Called with the first error of each outage. */
  constructor(logger: Logger, onBegin: (error: unknown) => void = () => undefined) {
    this.#logger = logger;
    this.#onBegin = onBegin;
  }

  get current(): CurrentOutage | undefined {
    return this.#current;
  }

  /** When the last outage ended. */
  get endedAt(): Date | undefined {
    return this.#endedAt;
  }

  begin(source: OutageSource, error: unknown): void {
    this.#failing.add(source);
    if (this.#current) return;
    const reason = messageOf(error);
    this.#current = { since: new Date(), reason };
    this.#log("error", "the database cannot be used; runs wait for it", { reason });
    this.#onBegin(error);
    this.#reminder = setInterval(() => this.#remind(), reminderMs).unref();
  }

  end(source: OutageSource): void {
    this.#failing.delete(source);
    if (!this.#current || this.#failing.size > 0) return;
    this.#log("info", "the database is back", { seconds: secondsSince(this.#current.since) });
    this.#current = undefined;
    this.#endedAt = new Date();
    clearInterval(this.#reminder);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#reminder);
  }

  #remind(): void {
    if (!this.#current) return;
    const { since, reason } = this.#current;
    this.#log("error", "the database still cannot be used", {
      seconds: secondsSince(since),
      reason,
    });
  }

  /** A logger that fails must not fail the worker. */
  #log(level: "error" | "info", message: string, fields: Record<string, unknown>): void {
    Promise.resolve()
      .then(() => this.#logger[level](message, fields))
      .catch(() => undefined);
  }
}

function secondsSince(instant: Date): number {
  return Math.round((Date.now() - instant.getTime()) / 1000);
}
