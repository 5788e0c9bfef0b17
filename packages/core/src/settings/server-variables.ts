/**
 * Variables that `@orchestra/server` reads. They are listed here, so that there is one list of all
 * known names; the server's definitions are typed by it.
 */
export const serverVariableNames = [
  "ORCHESTRA_SERVER_HOST",
  "ORCHESTRA_SERVER_PORT",
  "ORCHESTRA_SERVER_KEYS",
  "ORCHESTRA_SERVER_ALLOWED_HOSTS",
  "ORCHESTRA_SERVER_ALLOWED_ORIGINS",
  "ORCHESTRA_SERVER_MAX_BODY_BYTES",
  "ORCHESTRA_SERVER_REQUEST_TIMEOUT",
  "ORCHESTRA_SERVER_KEEP_ALIVE",
  "ORCHESTRA_SERVER_GRACE",
] as const;

export type ServerVariableName = (typeof serverVariableNames)[number];
