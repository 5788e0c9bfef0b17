import { createJournal } from "./create-journal.ts";
import type { Journal, JournalClaim, JournalEntry } from "./journal.ts";

/**
 * A journal in memory, for tests and for retrying a run inside one process. Its values are lost with
 * the process, and none is ever deleted.
 *
 * @example
 * ```ts
 * const run = (journal: Journal) => ({
 *   configurable: { thread_id: "42", run_id: "42", journal },
 *   durability: "sync" as const,
 * });
 * const journal = new MemoryJournal();
 * await graph.invoke(input, run(journal)).catch(() => graph.invoke(null, run(journal.again())));
 * ```
 */
export class MemoryJournal implements Journal {
  #values = new Map<string, string>();
  readonly #journal = createJournal({
    read: (entry, occurrence) => {
      const value = this.#values.get(keyOf(entry, occurrence));
      return value === undefined ? undefined : (JSON.parse(value) as unknown);
    },
    write: async (entry, occurrence, value) => {
      this.#values.set(keyOf(entry, occurrence), JSON.stringify(value));
    },
  });

  /** The journal of a further execution of the same run, with the values that this one has stored. */
  again(): MemoryJournal {
    const journal = new MemoryJournal();
    journal.#values = this.#values;
    return journal;
  }

  /** Number of stored values. */
  get size(): number {
    return this.#values.size;
  }

  claim(entry: JournalEntry): Promise<JournalClaim> {
    return this.#journal.claim(entry);
  }
}

function keyOf({ kind, step, name, request }: JournalEntry, occurrence: number): string {
  return JSON.stringify([kind, step, name, request, occurrence]);
}
