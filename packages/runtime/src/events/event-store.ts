import { quoted, type Database } from "../database/index.ts";
import { SharedReads } from "./shared-reads.ts";
import type { LiveDelta, LiveEvent, NewEvent, StoredEvent } from "./run-event.ts";

interface EventRow {
  readonly run_id: string;
  readonly number: string;
  readonly at: Date;
  readonly format: number;
  readonly event: NewEvent;
}

/** A run whose events are read. */
export interface StoredRun {
  readonly id: string;
  /** The partition of its events; others are in partition 0. */
  readonly partition: number;
}

/** The format in which this version stores events. */
const eventFormat = 1;

/** An event as it is stored, before a reader gets it. */
export type NumberedEvent = StoredEvent extends infer Event
  ? Event extends StoredEvent
    ? Omit<Event, "cursor">
    : never
  : never;

interface LiveRow {
  readonly at: Date;
  readonly event: LiveDelta;
}

/** The numbered events of all runs. */
export class EventStore {
  readonly #database: Database;
  readonly #schema: string;
  readonly #redact: (text: string) => string;
  readonly #shared = new SharedReads();

  /** @param redact - Removes secrets from a text. */
  constructor(database: Database, redact: (text: string) => string) {
    this.#database = database;
    this.#schema = quoted(database.schema);
    this.#redact = redact;
  }

  /** Channel of the notifications about changed runs; {@link Announcer} creates the payloads. */
  get channel(): string {
    return `${this.#database.schema}_events`;
  }

  /** Events without secrets, in the form in which they are stored. */
  readonly toJson = (events: readonly NewEvent[]): string => this.#redact(jsonOf(events));

  /** A value without secrets, as it is stored; `null` for `undefined`. */
  readonly valueToJson = (value: unknown): string | null =>
    value === undefined || value === null ? null : this.#redact(JSON.stringify(value));

  /** A run's events after a number, in their order. */
  read(run: StoredRun, after: number, limit: number): Promise<readonly NumberedEvent[]> {
    const key = JSON.stringify(["read", run.id, run.partition, after, limit]);
    return this.#shared.get(key, () => this.#read(run, after, limit));
  }

  /** Pieces of a run's unfinished answers, those of each answer in their order. */
  readLive(runId: string): Promise<readonly Omit<LiveEvent, "cursor">[]> {
    return this.#shared.get(JSON.stringify(["live", runId]), () => this.#readLive(runId));
  }

  /** Whether a run has ended and has no event after this number, was deleted, or may get more events. */
  endAfter(run: StoredRun, last: number): Promise<"ended" | "deleted" | "open"> {
    const key = JSON.stringify(["ended", run.id, run.partition, last]);
    return this.#shared.get(key, () => this.#endAfter(run, last));
  }

  async #read(
    { id, partition }: StoredRun,
    after: number,
    limit: number,
  ): Promise<NumberedEvent[]> {
    const rows = await this.#database.query<EventRow>(
      `SELECT run_id, number, at, format, event FROM ${this.#schema}.events
       WHERE run_id = $1 AND number > $2 AND partition IN (0, $4) ORDER BY number LIMIT $3`,
      [id, after, limit, partition],
      // Planning it for all partitions takes longer than executing it.
      { isFrequent: true },
    );
    return rows.map(toEvent);
  }

  async #readLive(runId: string): Promise<Omit<LiveEvent, "cursor">[]> {
    const rows = await this.#database.query<LiveRow>(
      `SELECT at, event FROM ${this.#schema}.live WHERE run_id = $1 ORDER BY call_id, attempt, start`,
      [runId],
    );
    return rows.map(({ at, event }) => ({ ...event, runId, at: at.toISOString() }));
  }

  async #endAfter(
    { id, partition }: StoredRun,
    last: number,
  ): Promise<"ended" | "deleted" | "open"> {
    // Another partition may have a later run with the id of a deleted one.
    const [run] = await this.#database.query<{ ended: boolean; event_count: string }>(
      `SELECT ended_at IS NOT NULL AS ended, event_count FROM ${this.#schema}.runs
       WHERE id = $1 AND partition IN (0, $2)`,
      [id, partition],
    );
    if (!run) return "deleted";
    return run.ended && Number(run.event_count) <= last ? "ended" : "open";
  }
}

/** Agents may return values that JSON cannot express; these are omitted from an event. */
function jsonOf(events: readonly NewEvent[]): string {
  try {
    return JSON.stringify(events);
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

function toEvent({ run_id: runId, number, at, format, event }: EventRow): NumberedEvent {
  return {
    ...event,
    runId,
    number: Number(number),
    at: at.toISOString(),
    ...(format > eventFormat && { format }),
  };
}
