import { isConnectionLost } from "../database/index.ts";

/** The database did not answer in time. */
export class DatabaseTimeoutError extends Error {
  override readonly name = "DatabaseTimeoutError";
}

/**
 * PostgreSQL's codes when it is overloaded or has ended a transaction that held a lock for too long.
 * Class 40 means that a transaction has to be repeated; here it has been repeated many times.
 */
const busyCodes = /^(?:40...|53...|55P03|57014|25P03)$/;

/** Whether the database is temporarily unavailable, so that the transaction is worth a retry. */
export function isAway(error: unknown): boolean {
  if (error instanceof DatabaseTimeoutError || isConnectionLost(error)) return true;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && busyCodes.test(code);
}
