import type { JournalEntry } from "@orchestra/core";

/** Identifies an entry of a run's journal. */
export interface EntryKey extends Omit<JournalEntry, "outline"> {
  /** A retry has the next one; {@link givenEpoch} for entries from a fork's origin. */
  readonly epoch: number;
  /** 1 for the first of identical entries in one execution. */
  readonly occurrence: number;
}

/** One entry of a run's journal, as it is stored. */
export interface KeptEntry extends EntryKey {
  /** As JSON. */
  readonly value: string;
  /** The outline of the request, as JSON. */
  readonly outline: string | null;
}

/** For entries of a fork's origin that the fork may reuse. */
export const givenEpoch = -1;
