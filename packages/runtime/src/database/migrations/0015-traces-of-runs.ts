import type { Migration } from "./migration.ts";

/** The trace in which a run was started, as a `traceparent`. A run that was started before this migration has its own trace. */
export const tracesOfRuns: Migration = {
  id: 15,
  name: "traces of runs",
  isBreaking: false,
  statements: (schema) => [`ALTER TABLE ${schema}.runs ADD COLUMN traceparent text`],
};
