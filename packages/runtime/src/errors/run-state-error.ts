import { OrchestraError } from "@orchestra/core/gateway";
import type { RunStatus } from "../runs/run.ts";

/** The state of the run does not allow the operation. */
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

/** A run's state in a message: `is running`, `has failed`, `was cancelled`. */
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
