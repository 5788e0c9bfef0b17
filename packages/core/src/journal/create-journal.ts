import { ArgumentError } from "../errors/argument-error.ts";
import { checkInput } from "../input/check-input.ts";
import { withMethods } from "../input/schemas.ts";
import type { Journal, JournalClaim, JournalEntry, JournalSlot } from "./journal.ts";

/** Storage for the values of a journal. */
export interface JournalStore {
  /**
   * @param occurrence - 1 for the first of identical entries in one execution.
   * @returns the stored value, or `undefined` if there is none
   */
  read(entry: JournalEntry, occurrence: number): unknown;
  /** Resolves when the value, which is JSON, is stored. */
  write(entry: JournalEntry, occurrence: number, value: unknown): Promise<void>;
}

const storeSchema = withMethods("a store", "read", "write");

/**
 * The journal of one execution, whose values are in the store.
 *
 * @throws {ArgumentError} for an invalid store
 */
export function createJournal(store: JournalStore): Journal {
  checkInput(storeSchema, store, "createJournal()", "store");
  /** The occurrences of each entry that this execution has claimed. */
  const claimed = new Map<string, Set<number>>();

  async function claim(entry: JournalEntry): Promise<JournalClaim> {
    if (typeof entry !== "object" || entry === null) {
      throw ArgumentError.of(
        "claim(): entry",
        entry,
        "an entry, with kind, step, name and request",
      );
    }
    const key = keyOf(entry);
    const occurrences = claimed.get(key) ?? new Set();
    claimed.set(key, occurrences);
    let occurrence = 1;
    while (occurrences.has(occurrence)) occurrence += 1;
    occurrences.add(occurrence);

    const free = () => void occurrences.delete(occurrence);
    try {
      const value = await store.read(entry, occurrence);
      if (value !== undefined) return { isStored: true, value, occurrence };
    } catch (error) {
      free();
      throw error;
    }
    const write = (value: unknown) => store.write(entry, occurrence, value);
    return { isStored: false, slot: createSlot(write, free), occurrence };
  }

  return { claim };
}

/**
 * @param free - Frees the slot. A retry takes it, so that an execution after a crash finds the
 *   retry's value in the same slot.
 */
function createSlot(write: (value: unknown) => Promise<void>, free: () => void): JournalSlot {
  let isPending = true;
  return {
    async fill(value) {
      if (!isPending) throw new Error("The journal slot was filled or released before");
      isPending = false;
      try {
        await write(value);
      } catch (error) {
        free();
        throw error;
      }
    },
    release() {
      if (!isPending) return;
      isPending = false;
      free();
    },
  };
}

function keyOf({ kind, step, name, request }: JournalEntry): string {
  return JSON.stringify([kind, step, name, request]);
}
