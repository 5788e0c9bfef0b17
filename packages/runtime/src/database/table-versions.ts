/** Versions of the tables that a library creates in the database. */
export interface TableVersions {
  /** The current version of the database; `undefined` if it has no tables. */
  readonly found: number | undefined;
  /** The version that this process's library creates. */
  readonly expected: number;
}
