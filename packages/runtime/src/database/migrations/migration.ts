/** One step of the database's shape; steps that have been released are never changed. */
export interface Migration {
  /** Rises from one migration to the next. */
  readonly id: number;
  readonly name: string;
  /**
   * Whether a process of the version before can no longer work with the database: a table or column that
   * it uses is gone or means something else, or it would do what it must not. A new table, a new column
   * with a default and a new index are not breaking. Kept in the database, where older versions read it.
   */
  readonly isBreaking: boolean;
  /** @param schema - Quoted name of the schema of the tables. */
  readonly statements: (schema: string) => readonly string[];
}
