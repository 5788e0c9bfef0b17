import { OrchestraError } from "../errors/orchestra-error.ts";

/**
 * An artifact cannot be written or read as asked: its path, its size or what lies there stands
 * against it. The message says what to do instead, in words that a model can follow. What the file
 * system itself fails at, such as a full disk, is thrown as it came.
 */
export class ArtifactError extends OrchestraError {
  override readonly name = "ArtifactError";
  readonly code = "artifact_error";
  /** The path as the caller gave it. */
  readonly path: string;

  constructor(message: string, options: { path: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.path = options.path;
  }

  static override isInstance(error: unknown): error is ArtifactError {
    return OrchestraError.isNamed(error, "ArtifactError");
  }
}
