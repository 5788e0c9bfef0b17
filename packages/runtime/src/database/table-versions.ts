/** Versions of the tables that a library makes in the database. */
export interface TableVersions {
  /** The one that the database has; `undefined` where it has none. */
  readonly found: number | undefined;
  /** The one that this process's library makes. */
  readonly expected: number;
}
