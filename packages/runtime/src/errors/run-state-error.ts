import { OrchestraError } from "@orchestra/core/gateway";
import type { RunStatus } from "../runs/run.ts";

/** The run is in a state in which this cannot be done with it. */
export class RunStateError extends OrchestraError {
  override readonly name = "RunStateError";
  readonly code = "run_state";
  readonly status: RunStatus;

  constructor(message: string, status: RunStatus) {
    super(message);
    this.status = status;
  }

  static override isInstance(error: unknown): error is RunStateError {
    return OrchestraError.isNamed(error, "RunStateError");
  }
}

/** What a message says of a run's state: `is running`, `has failed`, `was cancelled`. */
export function describeStatus(status: RunStatus): string {
  switch (status) {
    case "succeeded":
    case "failed":
      return `has ${status}`;
    case "rejected":
    case "cancelled":
      return `was ${status}`;
    default:
      return `is ${status}`;
  }
}
