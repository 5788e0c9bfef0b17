import { OrchestraError } from "@orchestra/core/gateway";

/** An idempotency key was used again for other work. */
export class IdempotencyError extends OrchestraError {
  override readonly name = "IdempotencyError";
  readonly code = "idempotency_conflict";
  /** The run that was started with the key first. */
  readonly runId: string;

  constructor(key: string, runId: string) {
    super(
      `The idempotency key ${JSON.stringify(key)} started run ${runId} with another input, or as another fork; use a new key for new work`,
    );
    this.runId = runId;
  }

  static override isInstance(error: unknown): error is IdempotencyError {
    return OrchestraError.isNamed(error, "IdempotencyError");
  }
}
