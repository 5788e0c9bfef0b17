import type { Database } from "../database/index.ts";
import { readCheckpointTables } from "./checkpoint-tables.ts";
import type { DurableSaver } from "./durable-saver.ts";

/**
 * The checkpoints of a database. Loads LangGraph, which takes longer than all else of the runtime: a process
 * does so when it first executes or forks a run, not when it starts.
 */
export async function loadSaver(database: Database): Promise<DurableSaver> {
  const { DurableSaver } = await import("./durable-saver.ts");
  return new DurableSaver(database);
}

/** Makes the tables of the checkpoints where they are missing or old; safe when many processes do so at once. */
export async function makeCheckpointTables(database: Database): Promise<void> {
  const { found, expected } = await readCheckpointTables(database);
  if (found !== undefined && found >= expected) return;
  const saver = await loadSaver(database);
  await database.exclusively("checkpoints", () => saver.setup());
}
