import { OrchestraError } from "@orchestra/core/extend";

/** The server cannot listen on its address. */
export class ListenError extends OrchestraError {
  override readonly name = "ListenError";
  readonly code = "listen_error";

  static override isInstance(error: unknown): error is ListenError {
    return OrchestraError.isNamed(error, "ListenError");
  }
}
