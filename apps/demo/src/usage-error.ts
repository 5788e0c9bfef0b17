/** A command line that cannot be followed; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage_error";
}
