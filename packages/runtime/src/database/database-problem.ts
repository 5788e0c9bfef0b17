import { outageOf, sqlStateOf, type Outage } from "./outage.ts";

/**
 * The reason why the database does not execute statements: one of the outages, or
 * - `no-rights`: the role lacks a right.
 * - `no-tables`: tables, columns or functions are missing.
 */
export type DatabaseProblem = Outage | "no-rights" | "no-tables";

/** By SQLSTATE, as in https://www.postgresql.org/docs/current/errcodes-appendix.html. */
const problems: Readonly<Record<string, DatabaseProblem>> = {
  "42501": "no-rights",
  // A schema, a table, a column, a function.
  "3F000": "no-tables",
  "42P01": "no-tables",
  "42703": "no-tables",
  "42883": "no-tables",
};

/** The problem that an error reports, if it reports one. */
export function databaseProblemOf(error: unknown): DatabaseProblem | undefined {
  return outageOf(error) ?? problems[sqlStateOf(error) ?? ""];
}
