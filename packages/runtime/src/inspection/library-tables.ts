import { readCheckpointTables } from "../checkpoints/index.ts";
import { DatabaseError, type Database } from "../database/index.ts";
import { readQueueTables } from "../queue/queue-tables.ts";
import type { TableVersions } from "../database/table-versions.ts";

/** Tables that a library creates in the database in addition to the runtime's own. */
export interface LibraryTables {
  readonly name: "queue" | "checkpoints";
  readonly library: "pg-boss" | "LangGraph";
  /** `old` if they are those of an earlier version; `current` also if they are those of a later one. */
  readonly state: "current" | "old" | "missing";
}

/** Inspects the tables of the queue and of the checkpoints, without changing them. */
export async function readLibraryTables(database: Database): Promise<readonly LibraryTables[]> {
  const queue = await readQueueTables(database);
  const checkpoints = await readCheckpointTables(database);
  return [
    { name: "queue", library: "pg-boss", state: stateOf(queue) },
    { name: "checkpoints", library: "LangGraph", state: stateOf(checkpoints) },
  ];
}

function stateOf({ found, expected }: TableVersions): LibraryTables["state"] {
  if (found === undefined) return "missing";
  return found < expected ? "old" : "current";
}

/** @throws {DatabaseError} if tables of a library are missing or old */
export async function requireLibraryTables(database: Database): Promise<void> {
  const lacking = (await readLibraryTables(database)).filter(({ state }) => state !== "current");
  if (lacking.length === 0) return;
  const names = lacking.map(({ name, library, state }) => `${name} (${library}, ${state})`);
  throw new DatabaseError(
    `The database lacks tables that this version needs: ${names.join(", ")}`,
    {
      advice:
        "ORCHESTRA_AUTO_MIGRATE is off, so this process does not make them: run orchestra migrate with this version.",
    },
  );
}
