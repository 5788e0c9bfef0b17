import { databaseProblemOf } from "./database-problem.ts";
import { sqlStateOf } from "./outage.ts";

/** SQLSTATE of a statement that was cancelled: it took too long. */
const queryCanceled = "57014";

/** What a user can do if the database cannot be used, in whole sentences. */
export function adviceFor(error: unknown): string {
  switch (databaseProblemOf(error)) {
    case "lost":
      return "Start the server, or correct the host and the port in DATABASE_URL.";
    case "read-only":
      return "Name the primary server, or all servers, with commas between their hosts.";
    case "busy":
      return sqlStateOf(error) === queryCanceled
        ? "Raise the statement_timeout that the role, the database or DATABASE_URL sets, or try again when the server has less to do."
        : "Try again later.";
    case "no-tables":
      return "Restore what is missing, or set ORCHESTRA_DATABASE_SCHEMA to a new schema.";
    default:
      return "Correct the user, the password, the database and the options in DATABASE_URL.";
  }
}
