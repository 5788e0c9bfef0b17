import { quoted, type Database } from "../database/index.ts";
import type { Announcer } from "./announcer.ts";
import type { LiveDelta } from "./run-event.ts";

/** The execution that writes pieces. */
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
  /** Removes secrets from a text. */
  readonly redact: (text: string) => string;
  /** How long pieces are collected, in milliseconds. @defaultValue `150` */
  readonly gatherMs?: number;
}

/** Maximum characters that are collected while the database is not available: the whole answer comes later. */
const maxGathered = 1_000_000;

/**
 * Stores pieces of answers that are being written. The pieces of all runs of a process are collected for a moment and
 * written by one statement, into a table without a write-ahead log. They are deleted when the whole answer is among the
 * run's events, or by a crash of the server.
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
    // Only while the execution owns the run.
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

  /** From now on no more pieces of these calls are written; resolves when no write is in progress. */
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
      // Text that is not written as pieces comes with the whole answer.
    }
  }
}

/** Joins two consecutive pieces. */
function merge(last: LiveDelta, next: LiveDelta): LiveDelta | undefined {
  if (last.type !== next.type || last.callId !== next.callId || last.attempt !== next.attempt) {
    return undefined;
  }
  return last.type === "text-delta" && next.type === "text-delta"
    ? { ...last, text: last.text + next.text }
    : next;
}

/** One statement cannot write a row twice: of an object's states the latest is used. */
function latest(pieces: readonly Piece[]): ReadonlyMap<string, Piece> {
  return new Map(
    pieces.map((piece) => {
      const { by, delta } = piece;
      const start = delta.type === "text-delta" ? delta.offset : 0;
      return [JSON.stringify([by.runId, delta.callId, delta.attempt, delta.type, start]), piece];
    }),
  );
}
