import { OrchestraError } from "@orchestra/core/extend";

/**
 * A folder could not be opened as a document collection. The message names the folder, what was
 * looked for and how to fix it; nothing a model does at run time throws it.
 */
export class DocumentsError extends OrchestraError {
  override readonly name = "DocumentsError";
  readonly code = "documents_error";
  /** The folder or file as the caller named it. */
  readonly folder: string;

  constructor(message: string, options: { folder: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.folder = options.folder;
  }

  static override isInstance(error: unknown): error is DocumentsError {
    return OrchestraError.isNamed(error, "DocumentsError");
  }
}
