/** One step of the database's shape; steps that have been released are never changed. */
export interface Migration {
  /** Rises from one migration to the next. */
  readonly id: number;
  readonly name: string;
  /** @param schema - Quoted name of the schema that the tables lie in. */
  readonly statements: (schema: string) => readonly string[];
}
