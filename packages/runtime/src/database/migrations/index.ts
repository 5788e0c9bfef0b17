import type { Migration } from "./migration.ts";
import { runs } from "./0001-runs.ts";

/** In their order; a new one goes to the end. */
export const migrations: readonly Migration[] = [runs];
export type { Migration };
