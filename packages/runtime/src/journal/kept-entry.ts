import type { JournalEntry } from "@orchestra/core";
import { quoted, type Database } from "../database/index.ts";

/** One entry of a run's journal, as it is stored. */
export interface KeptEntry extends JournalEntry {
  readonly epoch: number;
  /** 1 for the first of identical entries in one execution. */
  readonly occurrence: number;
  /** As JSON. */
  readonly value: string;
}

/**
 * An INSERT of entries, as part of a statement. Entries that are stored already are left as they
 * are, and the entries of a run that was deleted are ignored.
 *
 * @param id - SQL expression for the run's id.
 * @param place - Adds a value to the statement's parameters and returns its placeholder.
 */
export function keeping(
  { schema }: Database,
  id: string,
  place: (value: unknown) => string,
  entries: readonly KeptEntry[],
): string {
  const column = (field: keyof KeptEntry, type: string) =>
    `${place(entries.map((entry) => entry[field]))}::${type}[]`;
  const columns = [
    column("epoch", "integer"),
    column("kind", "text"),
    column("step", "text"),
    column("name", "text"),
    column("request", "text"),
    column("occurrence", "integer"),
    column("value", "text"),
  ];
  return `INSERT INTO ${quoted(schema)}.journal
      (run_id, epoch, kind, step, name, request, occurrence, value)
    SELECT ${id}, epoch, kind, step, name, request, occurrence, value::json
    FROM unnest(${columns.join(", ")}) AS e (epoch, kind, step, name, request, occurrence, value)
    WHERE EXISTS (SELECT 1 FROM ${quoted(schema)}.runs WHERE id = ${id})
    ON CONFLICT DO NOTHING`;
}
