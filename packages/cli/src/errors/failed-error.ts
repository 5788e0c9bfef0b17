/** Ends a command with an exit code, after it has printed why. */
export class FailedError extends Error {
  override readonly name = "FailedError";
  readonly code = "failed";
  readonly exitCode: number;

  constructor(exitCode = 1) {
    super(`The command ends with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
