/**
 * Variables that `@orchestra/runtime` reads. They are listed here, so that there is one list of all
 * known names; the runtime's definitions are typed by it.
 */
export const runtimeVariableNames = [
  "DATABASE_URL",
  "ORCHESTRA_HOME",
  "ORCHESTRA_ARTIFACTS_DIR",
  "ORCHESTRA_DATABASE_SCHEMA",
  "ORCHESTRA_DATABASE_CONNECTIONS",
  "ORCHESTRA_DATABASE_TIMEOUT",
  "ORCHESTRA_AUTO_MIGRATE",
  "ORCHESTRA_MAX_PAYLOAD_BYTES",
  "ORCHESTRA_RETENTION_DAYS",
] as const;

export type RuntimeVariableName = (typeof runtimeVariableNames)[number];
