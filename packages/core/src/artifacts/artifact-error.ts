import { OrchestraError } from "../errors/orchestra-error.ts";

/**
 * An artifact cannot be written or read, because of its path, its size or what exists at
 * the path. The message describes what to do instead, so that a model can correct its call. Errors of the file
 * system, such as a full disk, are thrown unchanged.
 */
export class ArtifactError extends OrchestraError {
  override readonly name = "ArtifactError";
  readonly code = "artifact_error";
  /** The path that the caller passed. */
  readonly path: string;

  constructor(message: string, options: { path: string; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.path = options.path;
  }

  static override isInstance(error: unknown): error is ArtifactError {
    return OrchestraError.isNamed(error, "ArtifactError");
  }
}
