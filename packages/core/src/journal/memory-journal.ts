import type { Journal, JournalEntry } from "./journal.ts";

/**
 * A journal in memory: for tests, and for retrying a run inside one process. It does not survive
 * the process, and nothing is ever dropped from it.
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
  #kept = new Map<string, string>();
  /** Of each entry, the places in its order that this execution has asked for. */
  readonly #asked = new Map<string, Set<number>>();

  /** The journal of another execution of the same run: it has what this one keeps, and counts anew. */
  again(): MemoryJournal {
    const journal = new MemoryJournal();
    journal.#kept = this.#kept;
    return journal;
  }

  /** How many values are kept. */
  get size(): number {
    return this.#kept.size;
  }

  async once<T>(entry: JournalEntry, work: () => Promise<T>): Promise<T> {
    const { kind, step, name, request } = entry;
    const id = JSON.stringify([kind, step, name, request]);
    const asked = this.#asked.get(id) ?? new Set();
    this.#asked.set(id, asked);
    let nth = 0;
    while (asked.has(nth)) nth += 1;
    asked.add(nth);

    const key = `${id} ${nth}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return JSON.parse(kept) as T;
    try {
      const value = await work();
      this.#kept.set(key, JSON.stringify(value));
      return value;
    } catch (error) {
      // The place is free again: a retry inside this execution is asked for in it after a crash.
      asked.delete(nth);
      throw error;
    }
  }
}
