import { databaseProblemOf } from "./database-problem.ts";
import { sqlStateOf } from "./outage.ts";

/** The settings of PostgreSQL that end a statement or a connection, by the SQLSTATE that they cause. */
const timeouts: Readonly<Record<string, string>> = {
  "57014": "statement_timeout",
  "55P03": "lock_timeout",
  "25P03": "idle_in_transaction_session_timeout",
  "25P04": "transaction_timeout",
};

/** All ways to set the URL of the database: an error does not know which one was used. */
const url = "its URL (DATABASE_URL, --database-url or an option in code)";

/** What a user can do if the database cannot be used, in whole sentences. */
export function adviceFor(error: unknown): string {
  const problem = databaseProblemOf(error);
  const timeout = problem && timeouts[sqlStateOf(error) ?? ""];
  if (timeout !== undefined) {
    return `Raise the ${timeout} that the role, the database or the URL sets, or try again when the server has less to do.`;
  }
  switch (problem) {
    case "lost":
      return `Start the server, or correct the host and the port in ${url}.`;
    case "read-only":
      return "Name the primary server, or all servers, with commas between their hosts.";
    case "busy":
      return "Try again later.";
    case "no-tables":
      return "Restore what is missing, or set ORCHESTRA_DATABASE_SCHEMA to a new schema.";
    default:
      return `Correct the user, the password, the database and the options in ${url}.`;
  }
}
