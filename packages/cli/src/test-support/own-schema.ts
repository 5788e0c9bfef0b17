import { randomUUID } from "node:crypto";
import { openDatabase, type Database } from "@orchestra/runtime";
import { inject } from "vitest";

/** A schema on the PostgreSQL server of the tests, for one test or one file. It is dropped when it is disposed of. */
export interface OwnSchema extends AsyncDisposable {
  /** Variables with which a command uses the schema. */
  readonly environment: {
    readonly DATABASE_URL: string;
    readonly ORCHESTRA_DATABASE_SCHEMA: string;
  };
  readonly open: () => Promise<Database>;
}

export function ownSchema(): OwnSchema {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const url = inject("databaseUrl");
  const open = () => openDatabase({ url, schema, maxConnections: 2 });
  return {
    environment: { DATABASE_URL: url, ORCHESTRA_DATABASE_SCHEMA: schema },
    open,
    [Symbol.asyncDispose]: async () => {
      await using database = await open();
      await database.query(`DROP SCHEMA IF EXISTS "${schema}", "${schema}_queue" CASCADE`);
    },
  };
}
