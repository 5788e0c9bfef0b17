import { CallFailedError, ModelError, StreamInterruptedError } from "@orchestra/core/gateway";
import type { DatabaseProblem } from "@orchestra/runtime";
import { ApiError } from "./api-error.ts";

const log = "The server's log has the details, and orchestra doctor prints what to do.";

/** The error for a client, by the problem of the database. */
const messages: Readonly<Record<DatabaseProblem, string>> = {
  lost: "The database cannot be reached now. Send the request again.",
  busy: "The database did not execute a statement in time. Send the request again.",
  "read-only": "The database is read-only at the moment. Send the request again later.",
  refused: `The database refuses the server's login. ${log}`,
  "no-rights": `The database refuses the server a right that it needs. ${log}`,
  "no-tables": `The database lacks tables that the server needs. ${log}`,
};

/** Problems that last until a person fixes them: repeating the request does not help. */
const lasting: ReadonlySet<DatabaseProblem> = new Set(["refused", "no-rights", "no-tables"]);

/** The error for a client if the database caused it: a 503. */
export function databaseError(problem: DatabaseProblem, cause: unknown): ApiError {
  return new ApiError(
    messages[problem],
    {
      status: 503,
      type: "server_error",
      code: lasting.has(problem) ? "database_unusable" : "database_away",
      headers: lasting.has(problem) ? { "x-should-retry": "false" } : { "retry-after": "1" },
    },
    { cause },
  );
}

/** Whether the error of a call is the provider's: the connection that it lost is not one to the database. */
export function isOfProvider(error: unknown): boolean {
  if (StreamInterruptedError.isInstance(error)) return true;
  if (!CallFailedError.isInstance(error) && !ModelError.isInstance(error)) return false;
  return error.reason !== "limits_unavailable";
}
