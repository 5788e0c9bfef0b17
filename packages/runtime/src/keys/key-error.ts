import { OrchestraError } from "@orchestra/core/gateway";

/** There is no key with that name, or the name is in use. */
export class KeyError extends OrchestraError {
  override readonly name = "KeyError";
  readonly code = "key_error";

  static override isInstance(error: unknown): error is KeyError {
    return OrchestraError.isNamed(error, "KeyError");
  }
}
