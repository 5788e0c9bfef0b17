import { isConnectionLost } from "../database/index.ts";

/** The database does not answer in time. */
export class SilenceError extends Error {
  override readonly name = "SilenceError";
}

/**
 * What PostgreSQL says when it is overloaded, or takes back a lock from who held it too long. Class 40
 * is a transaction that has to be done again; it has been, many times.
 */
const busy = /^(?:40...|53...|55P03|57014|25P03)$/;

/** Whether to ask the database again later, as opposed to believing what it says. */
export function isAway(error: unknown): boolean {
  if (error instanceof SilenceError || isConnectionLost(error)) return true;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && busy.test(code);
}
