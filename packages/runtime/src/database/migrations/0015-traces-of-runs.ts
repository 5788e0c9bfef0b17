import type { Migration } from "./migration.ts";

/** The trace that a run was started in, as a `traceparent`. A run that was started before this migration has a trace of its own. */
export const tracesOfRuns: Migration = {
  id: 15,
  name: "traces of runs",
  isBreaking: false,
  statements: (schema) => [`ALTER TABLE ${schema}.runs ADD COLUMN traceparent text`],
};
