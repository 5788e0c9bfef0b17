import { resolve } from "node:path";
import type { RuntimeSettings } from "@orchestra/runtime";

/** Where the runs are kept, for the log: never with the user or the password. */
export interface DatabaseDescription {
  /** `host:port/name`, or the folder of the embedded database. */
  readonly database: string;
  readonly schema: string;
  /** Whether it is in this process. */
  readonly isEmbedded: boolean;
}

export function describeDatabase(settings: RuntimeSettings): DatabaseDescription {
  const { databaseUrl, databaseSchema: schema, home } = settings;
  if (databaseUrl === undefined) return { database: resolve(home), schema, isEmbedded: true };
  const { host, pathname, searchParams } = new URL(databaseUrl);
  const server = host || searchParams.get("host") || "localhost";
  return { database: `${server}${pathname}`, schema, isEmbedded: false };
}
