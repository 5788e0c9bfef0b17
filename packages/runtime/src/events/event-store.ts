import { quoted, type Database, type Transaction } from "../database/index.ts";
import type { NewEvent, RunEvent } from "./run-event.ts";

interface EventRow {
  readonly run_id: string;
  readonly number: string;
  readonly at: Date;
  readonly event: NewEvent;
}

/** The numbered events of all runs. */
export class EventStore {
  readonly #database: Database;
  readonly #schema: string;
  readonly #redact: (text: string) => string;

  /** @param redact - Takes secrets out of a text. */
  constructor(database: Database, redact: (text: string) => string) {
    this.#database = database;
    this.#schema = quoted(database.schema);
    this.#redact = redact;
  }

  /** Channel on which the number of a run's latest event is told, as `runId number`. */
  get channel(): string {
    return `${this.#database.schema}_events`;
  }

  /**
   * Adds events to a run, inside a transaction that has locked the run's row: so numbers are committed
   * in their order, and a reader never sees a gap that is filled later.
   *
   * @param before - Number of the run's latest event so far.
   */
  async append(
    { query, notify }: Transaction,
    runId: string,
    before: number,
    events: readonly NewEvent[],
  ): Promise<void> {
    if (events.length === 0) return;
    await query(
      `INSERT INTO ${this.#schema}.events (run_id, number, at, event)
       SELECT $1, $2::bigint + ordinality, clock_timestamp(), event
       FROM json_array_elements($3::json) WITH ORDINALITY AS e (event, ordinality)`,
      [runId, before, this.#redact(JSON.stringify(events))],
    );
    await notify(this.channel, `${runId} ${before + events.length}`);
  }

  /** A run's events after a number, in their order. */
  async read(runId: string, after: number, limit: number): Promise<RunEvent[]> {
    const rows = await this.#database.query<EventRow>(
      `SELECT run_id, number, at, event FROM ${this.#schema}.events
       WHERE run_id = $1 AND number > $2 ORDER BY number LIMIT $3`,
      [runId, after, limit],
    );
    return rows.map(toEvent);
  }

  /** Whether a run has ended, or is gone, and has no event after this number. */
  async hasEnded(runId: string, last: number): Promise<boolean> {
    const [run] = await this.#database.query<{ ended: boolean; event_count: string }>(
      `SELECT ended_at IS NOT NULL AS ended, event_count FROM ${this.#schema}.runs WHERE id = $1`,
      [runId],
    );
    return !run || (run.ended && Number(run.event_count) <= last);
  }
}

function toEvent({ run_id: runId, number, at, event }: EventRow): RunEvent {
  return { ...event, runId, number: Number(number), at: at.toISOString() };
}
