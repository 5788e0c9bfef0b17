export { givenEpoch, type EntryKey, type KeptEntry } from "./kept-entry.ts";
export { openRunJournal } from "./run-journal.ts";
export { nameCalls, readEntries, taskOf, type PathEntry } from "./run-entries.ts";
