import { OrchestraError } from "./orchestra-error.ts";
import { redactSecrets } from "./secrets.ts";

/** A replayed run made a call that its recording does not have. Nothing was sent. */
export class ReplayMissError extends OrchestraError {
  override readonly name = "ReplayMissError";
  readonly code = "replay_miss";

  constructor(message: string) {
    super(redactSecrets(message));
  }

  static override isInstance(error: unknown): error is ReplayMissError {
    return OrchestraError.isNamed(error, "ReplayMissError");
  }
}
