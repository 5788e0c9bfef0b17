import { randomUUID } from "node:crypto";
import { migrateDatabase, openDatabase } from "@orchestra/runtime";
import { inject } from "vitest";
import type { Scene } from "../scene.ts";
import { elsewhere, type BrokenState } from "./state.ts";

/** A schema on a PostgreSQL server that a runtime has used, after one more statement. */
export async function onPostgres({ stack }: Scene, statement?: string): Promise<NodeJS.ProcessEnv> {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const url = inject("databaseUrl");
  await migrateDatabase({ settings: { databaseUrl: url, databaseSchema: schema } });
  const database = stack.use(await openDatabase({ url, schema, maxConnections: 2 }));
  const drop = `DROP SCHEMA "${schema}", "${schema}_queue" CASCADE`;
  stack.defer(async () => void (await database.query(drop)));
  if (statement) await database.query(statement.replace("migrations", `"${schema}".migrations`));
  return { ...elsewhere, DATABASE_URL: url, ORCHESTRA_DATABASE_SCHEMA: schema };
}

/** The PostgreSQL server, with a role that these statements create. */
async function asRole({ stack }: Scene, role: string, ...statements: readonly string[]) {
  const url = inject("databaseUrl");
  const database = stack.use(await openDatabase({ url, schema: "doctor_roles", maxConnections: 2 }));
  for (const statement of statements) await database.query(statement);
  stack.defer(async () => void (await database.query(`DROP ROLE ${role}`)));
  const own = new URL(url);
  own.username = role;
  own.password = "hunter22";
  return { ...elsewhere, DATABASE_URL: own.href };
}

export const databaseStates: readonly BrokenState[] = [
  [
    "database/connection: unreachable",
    "127.0.0.1:1/mine",
    () => ({ ...elsewhere, DATABASE_URL: "postgresql://me:hunter22@127.0.0.1:1/mine" }),
  ],
  [
    "database/connection: damaged",
    "EISDIR",
    async ({ write }) => {
      // Damaged tables take a second to be noticed.
      await write({ "home/database/PG_VERSION": "18", "home/lock/is": "a folder" });
      return { ...elsewhere, ORCHESTRA_HOME: "home" };
    },
  ],
  [
    "database/connection: not-writable",
    "cannot be created",
    async ({ write }) => {
      await write({ home: "a file" });
      return { ...elsewhere, ORCHESTRA_HOME: "home" };
    },
  ],
  [
    "database/connection: no-privilege",
    "may not create schemas",
    async (scene) => {
      const role = `doctor_${randomUUID().replaceAll("-", "")}`;
      return asRole(scene, role, `CREATE ROLE ${role} LOGIN PASSWORD 'hunter22'`);
    },
  ],
  [
    "database/connection: read-only",
    "is read-only",
    async (scene) => {
      const role = `doctor_${randomUUID().replaceAll("-", "")}`;
      const create = `CREATE ROLE ${role} LOGIN PASSWORD 'hunter22'`;
      return asRole(scene, role, create, `ALTER ROLE ${role} SET default_transaction_read_only = on`);
    },
  ],
  [
    "database/migrations: newer",
    "does not know: 9999",
    (scene) => onPostgres(scene, "INSERT INTO migrations (id, name) VALUES (9999, 'future')"),
  ],
  [
    "database/migrations: pending",
    "an older version",
    (scene) => onPostgres(scene, "DELETE FROM migrations WHERE id = 2"),
  ],
];
