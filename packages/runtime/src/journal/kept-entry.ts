import type { JournalEntry } from "@orchestra/core";

/** Identifies an entry of a run's journal. */
export interface EntryKey extends Omit<JournalEntry, "outline"> {
  /** A retry has the next one; {@link givenEpoch} for what a fork was given. */
  readonly epoch: number;
  /** 1 for the first of identical entries in one execution. */
  readonly occurrence: number;
}

/** One entry of a run's journal, as it is stored. */
export interface KeptEntry extends EntryKey {
  /** As JSON. */
  readonly value: string;
  /** The request in short, as JSON. */
  readonly outline: string | null;
}

/** Of entries of the run that a fork began from, which its own run may take. */
export const givenEpoch = -1;
