import { access, constants, stat } from "node:fs/promises";
import { join } from "node:path";
import { files } from "@orchestra/core/extend";
import { UsageError } from "./errors/usage-error.ts";

/**
 * Creates the folder of the embedded database if it does not exist.
 *
 * @throws {UsageError} if it cannot be created or written to
 */
export async function prepareHome(home: string): Promise<void> {
  try {
    await files.makeFolder(home);
    await access(home, constants.W_OK);
  } catch (error) {
    throw new UsageError(
      `The embedded database cannot be stored in ${home}: ${files.describeFileError(error)}. Set ORCHESTRA_HOME to a writable folder, or DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  }
}

/** Whether the folder has an embedded database. It is created when it is first needed. */
export async function hasEmbeddedDatabase(home: string): Promise<boolean> {
  const file = join(home, "database", "PG_VERSION");
  return (await stat(file).catch(() => undefined)) !== undefined;
}
