import { OrchestraError } from "@orchestra/core/gateway";

/** There is no run with that id, or it was deleted. */
export class RunNotFoundError extends OrchestraError {
  override readonly name = "RunNotFoundError";
  readonly code = "run_not_found";

  constructor(id: string) {
    super(`There is no run ${JSON.stringify(id)}; it may have been deleted`);
  }

  static override isInstance(error: unknown): error is RunNotFoundError {
    return OrchestraError.isNamed(error, "RunNotFoundError");
  }
}
