import { quoted, type Database } from "../database/index.ts";
import type { Announcer } from "./announcer.ts";
import type { LiveDelta } from "./run-event.ts";

/** Which execution shows something. */
interface Shower {
  readonly runId: string;
  readonly jobId: string;
  readonly attempt: number;
}

interface Piece {
  readonly by: Shower;
  readonly delta: LiveDelta;
}

export interface LiveLaneOptions {
  readonly database: Pick<Database, "query" | "schema">;
  readonly announcer: Announcer;
  /** Takes secrets out of a text. */
  readonly redact: (text: string) => string;
  /** How long pieces are gathered, in milliseconds. @defaultValue `150` */
  readonly gatherMs?: number;
}

/** More than this, in characters, is not gathered while the database is not available: the whole answer comes later. */
const maxGathered = 1_000_000;

/**
 * Shows answers while they grow. The pieces of all runs of a process are gathered for a moment and written
 * by one statement, into a table without a write-ahead log. They are gone when the whole answer is among the
 * run's events, or with a crash of the server.
 */
export class LiveLane implements AsyncDisposable {
  readonly #options: LiveLaneOptions;
  readonly #insertion: string;
  #pieces: Piece[] = [];
  #size = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(options: LiveLaneOptions) {
    this.#options = options;
    const schema = quoted(options.database.schema);
    // Only while the run is the execution's.
    this.#insertion = `INSERT INTO ${schema}.live (run_id, call_id, attempt, type, start, event)
      SELECT p.run_id, p.call_id, p.attempt, p.type, p.start, p.event::json
      FROM unnest($1::text[], $2::uuid[], $3::integer[], $4::text[], $5::integer[], $6::text[],
          $7::integer[], $8::text[])
        AS p (run_id, job_id, job_attempt, call_id, attempt, type, start, event)
      JOIN ${schema}.runs AS run
        ON run.id = p.run_id AND run.job_id = p.job_id AND run.job_attempt = p.job_attempt
          AND run.ended_at IS NULL
      ON CONFLICT (run_id, call_id, attempt, type, start) DO UPDATE SET event = EXCLUDED.event`;
  }

  add(by: Shower, delta: LiveDelta): void {
    if (this.#size > maxGathered) return;
    const last = this.#pieces.at(-1);
    const merged = last && last.by.runId === by.runId ? merge(last.delta, delta) : undefined;
    if (merged) this.#pieces[this.#pieces.length - 1] = { by, delta: merged };
    else this.#pieces.push({ by, delta });
    this.#size += delta.type === "text-delta" ? delta.text.length : 1;
    this.#timer ??= setTimeout(() => this.#send(), this.#options.gatherMs ?? 150).unref();
  }

  /** From now on nothing of these calls is shown any more; resolves when nothing is on its way. */
  async settle(runId: string, callIds: readonly string[]): Promise<void> {
    if (callIds.length === 0) return;
    const gone = new Set(callIds);
    this.#pieces = this.#pieces.filter(
      ({ by, delta }) => by.runId !== runId || !gone.has(delta.callId),
    );
    await this.#sending;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#sending;
  }

  #send(): void {
    this.#timer = undefined;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#size = 0;
    if (pieces.length > 0) this.#sending = this.#sending.then(() => this.#insert(pieces));
  }

  async #insert(pieces: readonly Piece[]): Promise<void> {
    const { database, announcer, redact } = this.#options;
    const rows = [...latest(pieces).values()];
    const column = (of: (piece: Piece) => unknown) => rows.map(of);
    try {
      const values = [
        column(({ by }) => by.runId),
        column(({ by }) => by.jobId),
        column(({ by }) => by.attempt),
        column(({ delta }) => delta.callId),
        column(({ delta }) => delta.attempt),
        column(({ delta }) => delta.type),
        column(({ delta }) => (delta.type === "text-delta" ? delta.offset : 0)),
        column(({ delta }) => redact(JSON.stringify(delta))),
      ];
      await database.query(this.#insertion, values, { isFrequent: true });
      for (const runId of new Set(rows.map(({ by }) => by.runId)))
        announcer.changed(runId, { isUrgent: true });
    } catch {
      // What is not shown now comes with the whole answer.
    }
  }
}

/** Two pieces that follow each other as one. */
function merge(last: LiveDelta, next: LiveDelta): LiveDelta | undefined {
  if (last.type !== next.type || last.callId !== next.callId || last.attempt !== next.attempt) {
    return undefined;
  }
  return last.type === "text-delta" && next.type === "text-delta"
    ? { ...last, text: last.text + next.text }
    : next;
}

/** One statement cannot write a row twice: of an object's states the latest stays. */
function latest(pieces: readonly Piece[]): ReadonlyMap<string, Piece> {
  return new Map(
    pieces.map((piece) => {
      const { by, delta } = piece;
      const start = delta.type === "text-delta" ? delta.offset : 0;
      return [JSON.stringify([by.runId, delta.callId, delta.attempt, delta.type, start]), piece];
    }),
  );
}
