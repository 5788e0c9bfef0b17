/** A command line that asks for what cannot be done; the message is for the person who typed it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage_error";
}
