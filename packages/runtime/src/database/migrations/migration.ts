/** One change of the tables. Released migrations are never changed. */
export interface Migration {
  /** Increases from one migration to the next. */
  readonly id: number;
  readonly name: string;
  /**
   * Whether a process of the previous version can no longer work with the database: a table or column that
   * it uses is missing or has another meaning, or it would violate a new rule. A new table, a new column
   * with a default and a new index are not breaking. Stored in the database, where older versions read it.
   */
  readonly isBreaking: boolean;
  /** @param schema - Quoted name of the schema of the tables. */
  readonly statements: (schema: string) => readonly string[];
}
