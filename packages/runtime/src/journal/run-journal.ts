import {
  createJournal,
  type Journal,
  type JournalEntry,
  type RequestOutline,
} from "@orchestra/core/gateway";
import { Recording } from "@orchestra/core/extend";
import { outlastOutages, quoted, type Database } from "../database/index.ts";
import { JournalFormatError } from "../errors/index.ts";
import { givenEpoch, type EntryKey, type KeptEntry } from "./kept-entry.ts";

export interface RunJournalOptions {
  readonly database: Database;
  readonly runId: string;
  /** Of the run. */
  readonly partition: number;
  readonly epoch: number;
  /** Number of the execution that the journal belongs to; 1 for the run's first one. */
  readonly execution: number;
  /** Whether the run was forked from another one. */
  readonly isFork: boolean;
  readonly signal: AbortSignal;
  /** Stores an entry; resolves when it is in the database. */
  readonly keep: (entry: KeptEntry) => Promise<void>;
}

interface JournalRow extends EntryKey {
  readonly value: unknown;
  readonly outline: RequestOutline | null;
  readonly format: number;
}

/** The format in which this version stores entries. */
const journalFormat = 1;

/**
 * The journal of one run's execution, in the database. The result of a model call or a tool call is
 * stored before its step continues, and an execution after a crash gets it from there.
 *
 * A fork reuses the entries of the other run whose calls are the same. Reused entries are stored
 * as its own, so that a later execution reuses the same.
 *
 * @throws {JournalFormatError} if a newer version has stored entries that this one cannot read
 */
export async function openRunJournal(options: RunJournalOptions): Promise<Journal> {
  const { epoch, keep } = options;
  const rows = await readRows(options);
  const own = rows.filter((row) => row.epoch === epoch);
  const values = new Map(own.map((row) => [keyOf(row, row.occurrence), row.value]));
  const given = new Recording(rows.filter((row) => row.epoch === givenEpoch).map(recorded));
  for (const row of own) given.take(recorded(row));
  const write = (entry: JournalEntry, occurrence: number, value: unknown) => {
    const outline = entry.outline ? JSON.stringify(entry.outline()) : null;
    return keep({ ...entry, epoch, occurrence, value: JSON.stringify(value), outline });
  };
  return createJournal({
    read: async (entry, occurrence) => {
      const value = values.get(keyOf(entry, occurrence));
      if (value !== undefined) return value;
      const taken = given.take(entry);
      if (taken) await write(entry, occurrence, taken.value);
      return taken?.value;
    },
    write,
  });
}

/** Entries of earlier executions, and those from a fork's origin. Otherwise a run's first execution need not query them. */
async function readRows(options: RunJournalOptions): Promise<readonly JournalRow[]> {
  const { database, runId, partition, epoch, execution, isFork, signal } = options;
  if (execution <= 1 && !isFork) return [];
  const given = isFork && epoch === 0 ? givenEpoch : epoch;
  const rows = await outlastOutages(
    () =>
      database.query<JournalRow>(
        `SELECT epoch, kind, step, name, request, occurrence, value, outline, format
         FROM ${quoted(database.schema)}.journal
         WHERE run_id = $1 AND epoch IN ($2, $3) AND partition IN (0, $4) ORDER BY at, occurrence`,
        [runId, epoch, given, partition],
      ),
    { signal },
  );
  const newer = rows.find(({ format }) => format > journalFormat);
  if (newer) throw new JournalFormatError(runId, newer.format, journalFormat);
  return rows;
}

function recorded({ kind, step, name, request, value }: JournalRow) {
  return { kind, step, name, request, value };
}

function keyOf(
  { kind, step, name, request }: Omit<JournalEntry, "outline">,
  occurrence: number,
): string {
  return JSON.stringify([kind, step, name, request, occurrence]);
}
