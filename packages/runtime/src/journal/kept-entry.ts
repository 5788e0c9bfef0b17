import type { JournalEntry } from "@orchestra/core";
import { quoted, type Database } from "../database/index.ts";

/** One entry of a run's journal, as it is kept. */
export interface KeptEntry extends JournalEntry {
  readonly epoch: number;
  /** 1 for the first entry of its kind in an execution. */
  readonly occurrence: number;
  /** As JSON. */
  readonly value: string;
}

/**
 * An INSERT of entries, as part of a statement; what is kept already stays, and nothing
 * is kept of a run that is gone.
 *
 * @param id - The run's id, as SQL.
 * @param place - Takes a value, gives its place.
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
