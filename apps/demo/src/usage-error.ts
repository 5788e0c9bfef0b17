/** A command line that is not valid or cannot be carried out. The message says what the user has to change. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage_error";
}
