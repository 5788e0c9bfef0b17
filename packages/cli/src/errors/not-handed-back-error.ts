/** A worker or a server stopped while the database was not available, with runs in progress. */
export class NotHandedBackError extends Error {
  override readonly name = "NotHandedBackError";
  readonly code = "database_error";
  readonly isRetryable = true;

  constructor() {
    super(
      "The worker could not hand back its runs: the database does not answer. Another worker takes them when their leases have expired.",
    );
  }
}
