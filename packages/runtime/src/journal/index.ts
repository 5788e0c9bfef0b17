export { givenEpoch, type EntryKey, type KeptEntry } from "./kept-entry.ts";
export { openRunJournal, type RunJournalOptions } from "./run-journal.ts";
export { nameCalls, readEntries, taskOf, type NamedCall, type PathEntry } from "./run-entries.ts";
