import type { Database } from "../database/index.ts";
import { readCheckpointTables } from "./checkpoint-tables.ts";
import type { DurableSaver } from "./durable-saver.ts";

/**
 * The checkpoints of a database. Loads LangGraph, which takes longer than the rest of the runtime, so a process
 * does this when it first executes or forks a run, not when it starts.
 */
export async function loadSaver(database: Database): Promise<DurableSaver> {
  const { DurableSaver } = await import("./durable-saver.ts");
  return new DurableSaver(database);
}

/** Creates the tables of the checkpoints if they are missing or old; safe if many processes do this concurrently. */
export async function makeCheckpointTables(database: Database): Promise<void> {
  const { found, expected } = await readCheckpointTables(database);
  if (found !== undefined && found >= expected) return;
  const saver = await loadSaver(database);
  await database.exclusively("checkpoints", () => saver.setup());
}
