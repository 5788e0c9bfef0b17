import { getConstructionPlans, PgBoss } from "pg-boss";
import type { Database } from "../database/index.ts";
import { inside } from "./inside.ts";
import { queueSchema } from "./job-table.ts";

/** Versions of pg-boss's tables. */
export interface QueueTables {
  /** The one that the database has; `undefined` where it has none. */
  readonly found: number | undefined;
  /** The one that this process's pg-boss makes. */
  readonly expected: number;
}

export async function readQueueTables({
  query,
  backend,
  schema,
}: Pick<Database, "query" | "backend" | "schema">): Promise<QueueTables> {
  const boss = new PgBoss({ db: inside(query), backend, schema: queueSchema(schema) });
  const found = (await boss.isInstalled()) ? await boss.schemaVersion() : undefined;
  return { found: found ?? undefined, expected: expectedVersion() };
}

/** Only the statements that make the tables have it. */
function expectedVersion(): number {
  const [, version] = /version\(version\) VALUES \('(\d+)'\)/.exec(getConstructionPlans()) ?? [];
  return Number(version);
}
