import { OrchestraError } from "@orchestra/core/gateway";

/** There is no key of that name, or there is one already. */
export class KeyError extends OrchestraError {
  override readonly name = "KeyError";
  readonly code = "key_error";

  static override isInstance(error: unknown): error is KeyError {
    return OrchestraError.isNamed(error, "KeyError");
  }
}
