export { keeping, type KeptEntry } from "./kept-entry.ts";
export { openRunJournal, type RunJournalOptions } from "./run-journal.ts";
