import { messageOf } from "@orchestra/core/extend";
import { describeConnectionUrl, type RuntimeSettings } from "@orchestra/runtime";
import { UsageError } from "./errors/usage-error.ts";

/**
 * Settings with the database of `--database-url`, if it is given.
 *
 * @throws {UsageError} for an invalid URL, without the URL: it may have a password
 */
export function withDatabaseUrl(
  settings: Partial<RuntimeSettings> | undefined,
  databaseUrl: string | undefined,
): Partial<RuntimeSettings> {
  if (databaseUrl === undefined) return { ...settings };
  try {
    describeConnectionUrl(databaseUrl);
  } catch (error) {
    throw new UsageError(`--database-url ${messageOf(error)}.`, { cause: error });
  }
  return { ...settings, databaseUrl };
}
