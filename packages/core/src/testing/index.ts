import "../check-node.ts";
export { FakeClock } from "../clock/fake-clock.ts";
export { ReplayMissError } from "../errors/replay-miss-error.ts";
export { replayJournal, type ReplayJournal } from "./replay-journal.ts";
