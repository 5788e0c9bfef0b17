/** An error as it comes over from another process. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
}

/** What went wrong in the worker's process, there where no run could say it. */
export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly code: string;

  constructor({ code, message }: PlainError) {
    super(message);
    this.code = code;
  }
}
