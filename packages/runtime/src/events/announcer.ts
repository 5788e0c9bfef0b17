import { isOutage, type Database } from "../database/index.ts";

/** NOTIFY takes less than 8,000 bytes. */
const longestPayload = 7_900;

export interface AnnouncerOptions {
  readonly database: Pick<Database, "query">;
  /** Channel of the runs that have changed. */
  readonly eventsChannel: string;
  /** Channel of the work that is in the queue. */
  readonly workChannel: string;
  /** For so long announcements are gathered, in milliseconds. @defaultValue `50` */
  readonly gatherMs?: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Tells other processes which runs have changed, and that there is work: once for all that comes within a
 * moment, and outside of every transaction. A commit that notifies waits for each other one of the server
 * that does.
 *
 * What a process that dies has not announced any more is found by those who wait, when they look by
 * themselves.
 */
export class Announcer implements AsyncDisposable {
  readonly #options: AnnouncerOptions;
  /** Whether the run has ended, by its id. */
  #runs = new Map<string, boolean>();
  #hasWork = false;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** A run has new events; `hasEnded` where its end is among them. */
  changed(runId: string, hasEnded: boolean): void {
    this.#runs.set(runId, hasEnded || (this.#runs.get(runId) ?? false));
    this.#soon();
  }

  /** Something was put into the queue. */
  work(): void {
    this.#hasWork = true;
    this.#soon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#send();
    await this.#sending;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#send(), this.#options.gatherMs ?? 50).unref();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
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
      // Whoever waits looks by itself when the database is back.
      if (!isOutage(error)) onError(error);
    }
  }
}

/** As few payloads as there can be, each a JSON array. */
function split(entries: readonly (readonly [string, number])[]): string[] {
  const payloads: string[] = [];
  let taken: string[] = [];
  let size = 0;
  for (const entry of entries) {
    const text = JSON.stringify(entry);
    const bytes = Buffer.byteLength(text) + 1;
    if (size + bytes > longestPayload) {
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
