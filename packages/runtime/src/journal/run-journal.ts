import { createJournal, type Journal, type JournalEntry } from "@orchestra/core";
import { outlastOutages, quoted, type Database } from "../database/index.ts";
import { JournalFormatError } from "../errors/index.ts";
import type { KeptEntry } from "./kept-entry.ts";

export interface RunJournalOptions {
  readonly database: Database;
  readonly runId: string;
  readonly epoch: number;
  /** Number of the execution that the journal belongs to; 1 for the run's first one. */
  readonly execution: number;
  readonly signal: AbortSignal;
  /** Stores an entry; resolves when it is in the database. */
  readonly keep: (entry: KeptEntry) => Promise<void>;
}

interface JournalRow extends JournalEntry {
  readonly occurrence: number;
  readonly value: unknown;
  readonly format: number;
}

/** The format in which this version stores entries. */
const journalFormat = 1;

/**
 * The journal of one run's execution, in the database. The result of a model call or a tool call is
 * stored before its step continues, and an execution after a crash gets it from there.
 *
 * @throws {JournalFormatError} where a newer version has stored entries that this one cannot read
 */
export async function openRunJournal(options: RunJournalOptions): Promise<Journal> {
  const { epoch, keep } = options;
  const values = await readValues(options);
  return createJournal({
    read: (entry, occurrence) => values.get(keyOf(entry, occurrence)),
    write: (entry, occurrence, value) =>
      keep({ ...entry, epoch, occurrence, value: JSON.stringify(value) }),
  });
}

/** What earlier executions have stored; a run's first execution need not look. */
async function readValues(options: RunJournalOptions): Promise<ReadonlyMap<string, unknown>> {
  const { database, runId, epoch, execution, signal } = options;
  if (execution <= 1) return new Map();
  const rows = await outlastOutages(
    () =>
      database.query<JournalRow>(
        `SELECT kind, step, name, request, occurrence, value, format FROM ${quoted(database.schema)}.journal
         WHERE run_id = $1 AND epoch = $2`,
        [runId, epoch],
      ),
    { signal },
  );
  const newer = rows.find(({ format }) => format > journalFormat);
  if (newer) throw new JournalFormatError(runId, newer.format, journalFormat);
  return new Map(rows.map((row) => [keyOf(row, row.occurrence), row.value]));
}

function keyOf({ kind, step, name, request }: JournalEntry, occurrence: number): string {
  return JSON.stringify([kind, step, name, request, occurrence]);
}
