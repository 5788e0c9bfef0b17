import type { Journal, JournalEntry } from "./journal.ts";
import { journalOperation } from "./journal-failure.ts";

/** How a result is stored in a journal. */
export interface JournalCodec<T> {
  /** @returns JSON; `undefined` if JSON cannot express the result: the work is then repeated after a crash */
  serialize(value: T): unknown;
  restore(stored: unknown): T;
}

/** Stored for a result that JSON cannot express, so that it still takes its slot. */
const notSerializable = null;

/**
 * The result in the journal for the entry, or the result of the work, which is stored before
 * it is returned. If the work fails, nothing is stored and its error is thrown unchanged.
 *
 * @param work - With a journal, gets the number of identical entries up to this one in the execution.
 * @param onReplay - Called with a result that comes from the journal.
 * @throws the error of the journal, if it fails; {@link isJournalFailure} recognizes it
 */
export async function journaled<T>(
  journal: Journal | undefined,
  entry: JournalEntry,
  work: (occurrence?: number) => Promise<T>,
  codec: JournalCodec<T>,
  onReplay?: (value: T) => void,
): Promise<T> {
  if (!journal) return work();
  const claim = await journalOperation(() => journal.claim(entry));
  if (claim.isStored) {
    if (claim.value === notSerializable) return work(claim.occurrence);
    const value = await journalOperation(() => codec.restore(claim.value));
    onReplay?.(value);
    return value;
  }
  const { slot } = claim;
  try {
    const value = await work(claim.occurrence);
    const stored = codec.serialize(value) ?? notSerializable;
    await journalOperation(() => slot.fill(stored));
    return value;
  } finally {
    slot.release();
  }
}
