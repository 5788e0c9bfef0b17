import type { Db } from "pg-boss";
import type { Query } from "../database/index.ts";

/** An adapter with which pg-boss uses our transaction or our connections. */
export function inside(query: Query): Db {
  return {
    executeSql: async (text, values = []) => ({
      rows: await query(text, values, { isFrequent: true }),
    }),
  };
}
