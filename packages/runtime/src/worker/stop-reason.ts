/** The reason why a run's execution is stopped. */
export type StopReason =
  /** Somebody cancelled the run. */
  | { readonly kind: "cancelled"; readonly reason: string }
  /** The run's deadline has passed. */
  | { readonly kind: "deadline" }
  /** The worker stops; another one will continue the run. */
  | { readonly kind: "handed-back" }
  /** Another worker has the run: this one was considered dead. */
  | { readonly kind: "lost" };

/** Aborts a run's signal. Contains the reason for the runtime, and a message for everyone else. */
export class RunStoppedError extends Error {
  override readonly name = "RunStoppedError";
  readonly reason: StopReason;

  constructor(reason: StopReason) {
    super(wordsFor(reason));
    this.reason = reason;
  }
}

function wordsFor(reason: StopReason): string {
  switch (reason.kind) {
    case "cancelled":
      return `The run was cancelled: ${reason.reason}`;
    case "deadline":
      return "The run's deadline has passed";
    case "handed-back":
      return "The worker stops, and leaves the run to another";
    case "lost":
      return "Another worker has the run";
  }
}
