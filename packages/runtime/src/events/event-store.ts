import { quoted, type Database } from "../database/index.ts";
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

  /**
   * Channel on which the number of a run's latest event is told, as `runId number`, or `runId number end`
   * of a run that has ended.
   */
  get channel(): string {
    return `${this.#database.schema}_events`;
  }

  /**
   * An INSERT of events, as part of a statement that has a table `run` with the `event_count` that
   * includes them. The statement has locked the run's row: so numbers are committed in their order, and
   * a reader never sees a gap that is filled later.
   *
   * @param id - The run's id, as SQL.
   * @param place - Takes a value, gives its place.
   */
  insertion(id: string, place: (value: unknown) => string, events: readonly NewEvent[]): string {
    const text = this.#redact(jsonOf(events));
    return `INSERT INTO ${this.#schema}.events (run_id, number, at, event)
      SELECT ${id}, run.event_count - ${place(events.length)}::bigint + ordinality, clock_timestamp(), event
      FROM run, json_array_elements(${place(text)}::json) WITH ORDINALITY AS e (event, ordinality)`;
  }

  /**
   * Tells the number of the latest event, as part of the same statement; its table `run` has `ended_at`
   * too.
   *
   * @param id - The run's id, as SQL.
   * @param place - Takes a value, gives its place.
   */
  announcement(id: string, place: (value: unknown) => string): string {
    const end = `CASE WHEN run.ended_at IS NULL THEN '' ELSE ' end' END`;
    return `pg_notify(${place(this.channel)}, ${id} || ' ' || run.event_count || ${end})`;
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

/** Agents may give what JSON cannot hold; that much of an event is left out. */
function jsonOf(events: readonly NewEvent[]): string {
  try {
    return JSON.stringify(events, readable);
  } catch {
    return `[${events.map(jsonOfOne).join(",")}]`;
  }
}

function jsonOfOne(event: NewEvent): string {
  try {
    return JSON.stringify(event, readable);
  } catch {
    const simple = Object.entries(event).filter(([, value]) => typeof value !== "object");
    return JSON.stringify(Object.fromEntries(simple), readable);
  }
}

function readable(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}

function toEvent({ run_id: runId, number, at, event }: EventRow): RunEvent {
  return { ...event, runId, number: Number(number), at: at.toISOString() };
}
