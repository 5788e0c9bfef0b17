import type { Journal, JournalEntry } from "@orchestra/core";
import { outlastOutages, quoted, type Database } from "../database/index.ts";
import type { KeptEntry } from "./kept-entry.ts";

export interface RunJournalOptions {
  readonly database: Database;
  readonly runId: string;
  readonly epoch: number;
  /** Number of the execution that this journal is of. */
  readonly execution: number;
  readonly signal: AbortSignal;
  /** Keeps an entry; resolves when it is in the database. */
  readonly keep: (entry: KeptEntry) => Promise<void>;
}

interface JournalRow extends JournalEntry {
  readonly occurrence: number;
  readonly value: unknown;
}

/**
 * What one run has done, in the database. A model call or tool call that is done is kept before its step
 * goes on; an execution after a crash gets it from here.
 */
export class RunJournal implements Journal {
  readonly #options: RunJournalOptions;
  readonly #kept: ReadonlyMap<string, unknown>;
  /** Of each entry, the places in its order that this execution has asked for. */
  readonly #asked = new Map<string, Set<number>>();

  private constructor(options: RunJournalOptions, kept: ReadonlyMap<string, unknown>) {
    this.#options = options;
    this.#kept = kept;
  }

  /** Opens the journal; a run's first execution has nothing in it. */
  static async open(options: RunJournalOptions): Promise<RunJournal> {
    const { database, runId, epoch, execution, signal } = options;
    if (execution <= 1) return new RunJournal(options, new Map());
    const rows = await outlastOutages(
      () =>
        database.query<JournalRow>(
          `SELECT kind, step, name, request, occurrence, value FROM ${quoted(database.schema)}.journal
           WHERE run_id = $1 AND epoch = $2`,
          [runId, epoch],
        ),
      { signal },
    );
    return new RunJournal(
      options,
      new Map(rows.map((row) => [keyOf(row, row.occurrence), row.value])),
    );
  }

  async once<T>(entry: JournalEntry, work: () => Promise<T>): Promise<T> {
    const occurrence = this.#placeFor(entry);
    const key = keyOf(entry, occurrence);
    if (this.#kept.has(key)) return this.#kept.get(key) as T;
    const { epoch, keep } = this.#options;
    try {
      const value = await work();
      await keep({ ...entry, epoch, occurrence, value: JSON.stringify(value) });
      return value;
    } catch (error) {
      // The place is free again: a retry inside this execution is asked for in it after a crash.
      this.#asked.get(keyOf(entry))?.delete(occurrence);
      throw error;
    }
  }

  /** Tells entries that are alike apart: the first place that nobody has asked for, from 1. */
  #placeFor(entry: JournalEntry): number {
    const id = keyOf(entry);
    const asked = this.#asked.get(id) ?? new Set();
    let place = 1;
    while (asked.has(place)) place += 1;
    this.#asked.set(id, asked.add(place));
    return place;
  }
}

function keyOf({ kind, step, name, request }: JournalEntry, occurrence?: number): string {
  return JSON.stringify([kind, step, name, request, occurrence]);
}
