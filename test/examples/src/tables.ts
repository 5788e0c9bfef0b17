import { randomUUID } from "node:crypto";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** A real PostgreSQL server. */
    readonly databaseUrl: string;
  }
}

/** Variables with which a runtime uses new tables on a server: creating an embedded database takes seconds. */
export function newTables(): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: inject("databaseUrl"),
    ORCHESTRA_DATABASE_SCHEMA: `test_${randomUUID().replaceAll("-", "")}`,
  };
}
