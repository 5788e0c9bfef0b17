import { OrchestraError } from "@orchestra/core";
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
