/** Ends a command with exit code 1, after it has printed why. */
export class FailedError extends Error {
  override readonly name = "FailedError";
  readonly code = "failed";
}
