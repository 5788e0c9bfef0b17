import { limitsSync } from "./0016/limits-sync.ts";
import type { Migration } from "./migration.ts";

/** A process gets slots for the instants at which they become free, so that it need not ask again then. */
export const slotsForLater: Migration = {
  id: 16,
  name: "slots for later",
  isBreaking: false,
  statements: (schema) => [limitsSync(schema)],
};
