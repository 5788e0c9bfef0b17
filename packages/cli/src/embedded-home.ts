import { access, constants, stat } from "node:fs/promises";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "./errors/usage-error.ts";

/** @throws {UsageError} where an embedded database cannot be kept there */
export async function prepareHome(home: string): Promise<void> {
  try {
    await files.makeFolder(home);
    await access(home, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `The embedded database cannot be kept in ${home}: ${files.describeFileError(error)}. Set ORCHESTRA_HOME to a folder in which files can be made, or DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
}

/** Whether something was kept there: an embedded database is made when it is first needed. */
export async function hasEmbeddedDatabase(home: string): Promise<boolean> {
  const file = join(home, "database", "PG_VERSION");
  return (await stat(file).catch(() => undefined)) !== undefined;
}
