export { createJournal, type JournalStore } from "./create-journal.ts";
export { isJson } from "./is-json.ts";
export type { Journal, JournalClaim, JournalEntry, JournalSlot } from "./journal.ts";
export { isJournalFailure } from "./journal-failure.ts";
export { journaled, type JournalCodec } from "./journaled.ts";
export { MemoryJournal } from "./memory-journal.ts";
export { nodeOf, Recording, type RecordedEntry } from "./recording.ts";
export { differences, outlineOf, type RequestOutline } from "./request-outline.ts";
export { stepOf } from "./step-of.ts";
