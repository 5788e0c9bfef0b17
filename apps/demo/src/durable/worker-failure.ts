/** An error in the form in which it is sent between processes. */
export interface PlainError {
  readonly code: string;
  readonly message: string;
}

/** An error of the worker's process that is not stored with a run. */
export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly code: string;

  constructor({ code, message }: PlainError) {
    super(message);
    this.code = code;
  }
}
