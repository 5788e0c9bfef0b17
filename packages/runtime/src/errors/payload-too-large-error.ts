import { OrchestraError } from "@orchestra/core/gateway";

/** An input or a decision is larger than the runtime stores. It is the `cause` of the `ArgumentError`. */
export class PayloadTooLargeError extends OrchestraError {
  override readonly name = "PayloadTooLargeError";
  readonly code = "payload_too_large";

  static override isInstance(error: unknown): error is PayloadTooLargeError {
    return OrchestraError.isNamed(error, "PayloadTooLargeError");
  }
}
