import { isOutage, type Database } from "../database/index.ts";

/** NOTIFY accepts less than 8,000 bytes. */
const maxPayload = 7_900;
/** How long changes are collected, in milliseconds. */
const gatherMs = 200;
/** The same for changes that a client may wait for: pieces of answers, and a run that waits or has ended. */
const urgentMs = 50;
/** Minimum time between two announcements, in milliseconds. */
const minGapMs = 10;

export interface AnnouncerOptions {
  readonly database: Pick<Database, "query">;
  /** Channel of the runs that have changed. */
  readonly eventsChannel: string;
  /** Channel of new work in the queue. */
  readonly workChannel: string;
  readonly onError: (error: unknown) => void;
}

/**
 * Notifies other processes of changed runs and of new work. It collects the changes of a moment into one
 * notification, outside of every transaction: PostgreSQL commits transactions that notify one after the
 * other.
 *
 * Readers wait for new work and for ends of runs: these are announced at once if the last announcement is
 * long enough ago. All other changes are collected first. If a process dies before it announces a change,
 * the readers find it when they poll.
 */
export class Announcer implements AsyncDisposable {
  readonly #options: AnnouncerOptions;
  /** Whether the run has ended, by its id. */
  #runs = new Map<string, boolean>();
  #hasWork = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the timer sends, and when it last sent, on the monotonic clock. */
  #dueAtMs = Infinity;
  #sentAtMs = -Infinity;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /**
   * A run has new events.
   *
   * @param change - `hasEnded` if its end is among them; `isUrgent` if a reader may wait for them.
   */
  changed(runId: string, { hasEnded = false, isUrgent = false } = {}): void {
    this.#runs.set(runId, hasEnded || (this.#runs.get(runId) ?? false));
    const gathersMs = isUrgent ? urgentMs : gatherMs;
    this.#sendAt(hasEnded ? this.#sentAtMs + minGapMs : performance.now() + gathersMs);
  }

  /** A job was put into the queue. */
  work(): void {
    this.#hasWork = true;
    this.#sendAt(this.#sentAtMs + minGapMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#send();
    await this.#sending;
  }

  #sendAt(atMs: number): void {
    if (atMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = atMs;
    this.#timer = setTimeout(() => this.#send(), Math.max(0, atMs - performance.now())).unref();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#dueAtMs = Infinity;
    this.#sentAtMs = performance.now();
    const { eventsChannel, workChannel } = this.#options;
    const payloads = [...this.#runs].map(([id, hasEnded]) => [id, hasEnded ? 1 : 0] as const);
    const notices = split(payloads).map((payload) => [eventsChannel, payload]);
    if (this.#hasWork) notices.push([workChannel, ""]);
    this.#runs = new Map();
    this.#hasWork = false;
    if (notices.length > 0) this.#sending = this.#sending.then(() => this.#notify(notices));
  }

  async #notify(notices: readonly (readonly string[])[]): Promise<void> {
    const { database, onError } = this.#options;
    const channels = notices.map(([channel]) => channel);
    const payloads = notices.map(([, payload]) => payload);
    try {
      await database.query(
        `SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS n (channel, payload)`,
        [channels, payloads],
      );
    } catch (error) {
      // Those who wait look by themselves when the database is back.
      if (!isOutage(error)) onError(error);
    }
  }
}

/** As few payloads as possible, each a JSON array. */
function split(entries: readonly (readonly [string, number])[]): string[] {
  const payloads: string[] = [];
  let taken: string[] = [];
  let size = 0;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > maxPayload) {
      payloads.push(`[${taken.join(",")}]`);
      taken = [];
      size = 0;
    }
    taken.push(text);
    size += bytes;
  }
  if (taken.length > 0) payloads.push(`[${taken.join(",")}]`);
  return payloads;
}
