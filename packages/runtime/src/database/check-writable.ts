import type { Query } from "./database.ts";
import { ReadOnlyServerError } from "./outage.ts";

/**
 * Checks whether a server accepts writes.
 *
 * @throws {ReadOnlyServerError}
 */
export async function checkWritable(query: Query): Promise<void> {
  const [row] = await query<{ value: string }>(
    "SELECT current_setting('transaction_read_only') AS value",
  );
  if (row?.value === "on") throw new ReadOnlyServerError();
}
