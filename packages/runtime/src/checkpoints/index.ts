export { DurableSaver } from "./durable-saver.ts";
export { lastOfEach } from "./insertions.ts";
export { pendingSetup } from "./pending-setup.ts";
export type { Blob, CheckpointLog, CheckpointRow, Write } from "./rows.ts";
