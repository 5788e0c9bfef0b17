import { OrchestraError } from "@orchestra/core/gateway";

/** The runtime was closed before the call, or while the call waited. */
export class RuntimeClosedError extends OrchestraError {
  override readonly name = "RuntimeClosedError";
  readonly code = "runtime_closed";

  constructor() {
    super("The runtime is closed");
  }

  static override isInstance(error: unknown): error is RuntimeClosedError {
    return OrchestraError.isNamed(error, "RuntimeClosedError");
  }
}
