import type { Migration } from "./migration.ts";

/** The trace that a run was started in, as a `traceparent`. Runs from before have one of their own. */
export const tracesOfRuns: Migration = {
  id: 15,
  name: "traces of runs",
  isBreaking: false,
  statements: (schema) => [`ALTER TABLE ${schema}.runs ADD COLUMN traceparent text`],
};
