import { getConstructionPlans, PgBoss } from "pg-boss";
import type { Database } from "../database/index.ts";
import type { TableVersions } from "../database/table-versions.ts";
import { inside } from "./inside.ts";
import { queueSchema } from "./job-table.ts";

/** Versions of pg-boss's tables. */
export async function readQueueTables({
  query,
  backend,
  schema,
}: Pick<Database, "query" | "backend" | "schema">): Promise<TableVersions> {
  const boss = new PgBoss({ db: inside(query), backend, schema: queueSchema(schema) });
  const found = (await boss.isInstalled()) ? await boss.schemaVersion() : undefined;
  return { found: found ?? undefined, expected: expectedVersion() };
}

/** Only the statements that create the tables contain it. */
function expectedVersion(): number {
  const [, version] = /version\(version\) VALUES \('(\d+)'\)/.exec(getConstructionPlans()) ?? [];
  return Number(version);
}
