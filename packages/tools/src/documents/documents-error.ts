import { OrchestraError } from "@orchestra/core/extend";

/**
 * A folder could not be opened as a document collection. The message names the folder, the
 * expected files and what to do. It is not thrown because of a model's actions at run time.
 */
export class DocumentsError extends OrchestraError {
  override readonly name = "DocumentsError";
  readonly code = "documents_error";
  /** The folder or file that the caller passed. */
  readonly folder: string;

  constructor(message: string, options: { folder: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.folder = options.folder;
  }

  static override isInstance(error: unknown): error is DocumentsError {
    return OrchestraError.isNamed(error, "DocumentsError");
  }
}
