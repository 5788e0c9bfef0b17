import { randomUUID } from "node:crypto";
import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** A real PostgreSQL server. */
    readonly databaseUrl: string;
  }
}

/** Variables that lead a runtime to new tables on a server: to make an embedded database takes seconds. */
export function newTables(): Readonly<Record<string, string>> {
  return {
    DATABASE_URL: inject("databaseUrl"),
    ORCHESTRA_DATABASE_SCHEMA: `test_${randomUUID().replaceAll("-", "")}`,
  };
}
