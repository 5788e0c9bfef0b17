export { keeping, type KeptEntry } from "./kept-entry.ts";
export { RunJournal, type RunJournalOptions } from "./run-journal.ts";
