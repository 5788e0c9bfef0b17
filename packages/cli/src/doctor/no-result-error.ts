/** Thrown by a check that got no result in time. */
export class NoResultError extends Error {
  override readonly name = "NoResultError";
}
