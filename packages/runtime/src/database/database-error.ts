import { OrchestraError } from "@orchestra/core";

/** The database cannot be opened: it does not exist, refuses the connection, or belongs to another process. */
export class DatabaseError extends OrchestraError {
  override readonly name = "DatabaseError";
  readonly code = "database_error";

  static override isInstance(error: unknown): error is DatabaseError {
    return OrchestraError.isNamed(error, "DatabaseError");
  }
}
