/** Ends a command with an exit code. The command has already printed why, so nothing else is printed. */
export class FailedError extends Error {
  override readonly name = "FailedError";
  readonly code = "failed";
  readonly exitCode: number;

  constructor(exitCode = 1) {
    super(`The command ends with exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
