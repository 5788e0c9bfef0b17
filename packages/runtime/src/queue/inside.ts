import type { Db } from "pg-boss";
import type { Query } from "../database/index.ts";

/** pg-boss's view of a transaction, or of the connections, of ours. */
export function inside(query: Query): Db {
  return {
    executeSql: async (text, values = []) => ({
      rows: await query(text, values, { isFrequent: true }),
    }),
  };
}
