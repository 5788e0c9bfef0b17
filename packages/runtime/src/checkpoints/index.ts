export { readCheckpointTables } from "./checkpoint-tables.ts";
export { lastOfEach } from "./insertions.ts";
export { loadSaver, makeCheckpointTables } from "./load-saver.ts";
export type { Blob, CheckpointLog, CheckpointRow, Write } from "./rows.ts";
