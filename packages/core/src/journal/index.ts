export { isJson } from "./is-json.ts";
export type { Journal, JournalEntry } from "./journal.ts";
export { MemoryJournal } from "./memory-journal.ts";
export { stepOf } from "./step-of.ts";
