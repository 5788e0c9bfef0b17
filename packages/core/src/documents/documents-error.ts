const brand = Symbol.for("@orchestra/core/documents-error");

/**
 * A folder could not be opened as a document collection. The message names the folder, what was looked for and how
 * to mend it; nothing a model does at run time throws it.
 */
export class DocumentsError extends Error {
  override readonly name = "DocumentsError";
  readonly code = "documents_error";
  /** The folder or file as the caller named it. */
  readonly folder: string;
  readonly [brand] = true;

  constructor(message: string, options: { folder: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.folder = options.folder;
  }

  /** Recognises the error across two installed copies of this package, where `instanceof` would not. */
  static isInstance(error: unknown): error is DocumentsError {
    return typeof error === "object" && error !== null && brand in error;
  }
}
