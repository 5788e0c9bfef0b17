import { loadSaver, makeCheckpointTables } from "../checkpoints/index.ts";
import type { Database } from "../database/index.ts";

/** The checkpoints of a database, with their tables. */
export async function openSaver(database: Database) {
  await makeCheckpointTables(database);
  return loadSaver(database);
}
