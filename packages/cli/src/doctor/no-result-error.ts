/** Thrown by a check whose result is not known in time. */
export class NoResultError extends Error {
  override readonly name = "NoResultError";
}
