import { resolve } from "node:path";
import { describeConnectionUrl, type RuntimeSettings } from "@orchestra/runtime";

/** Where the runs are stored, for the log. It has neither the user nor the password. */
export interface DatabaseDescription {
  /** `host:port/name`, with all hosts, or the folder of the embedded database. */
  readonly database: string;
  readonly schema: string;
  /** Whether it is the embedded database. */
  readonly isEmbedded: boolean;
}

/** Describes the database of these settings. */
export function describeDatabase(settings: RuntimeSettings): DatabaseDescription {
  const { databaseUrl, databaseSchema: schema, home } = settings;
  if (databaseUrl === undefined) return { database: resolve(home), schema, isEmbedded: true };
  return { database: describeConnectionUrl(databaseUrl), schema, isEmbedded: false };
}
