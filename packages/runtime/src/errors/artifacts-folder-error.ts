import { OrchestraError } from "@orchestra/core/gateway";
import { files } from "@orchestra/core/extend";

/** Codes of the file system for a path that this process cannot use as it is. */
const unusable: ReadonlySet<string | undefined> = new Set([
  "EACCES",
  "ELOOP",
  "ENAMETOOLONG",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/** The folder of the runs' artifacts cannot be read or changed: it is a file, or this process has no permission. */
export class ArtifactsFolderError extends OrchestraError {
  override readonly name = "ArtifactsFolderError";
  readonly code = "artifacts_folder";
  /** Where the file system failed: the folder, or a path in it. */
  readonly path: string;

  private constructor(path: string, cause: unknown) {
    super(
      `The artifacts of runs cannot be used at ${path}: ${files.describeFileError(cause)}. Set ORCHESTRA_ARTIFACTS_DIR (in code: settings.artifactsDir) to a folder that this process can read and write, or correct this one.`,
      { cause },
    );
    this.path = path;
  }

  /**
   * Explains an error of the file system.
   *
   * @param root - The folder of the artifacts.
   * @returns any other error unchanged
   */
  static explain(error: unknown, root: string): unknown {
    const { code, path = root } = (error ?? {}) as NodeJS.ErrnoException;
    return unusable.has(code) ? new ArtifactsFolderError(path, error) : error;
  }

  static override isInstance(error: unknown): error is ArtifactsFolderError {
    return OrchestraError.isNamed(error, "ArtifactsFolderError");
  }
}
