import { firstAndLast, shortened } from "./bounded.ts";
import { OrchestraError } from "./orchestra-error.ts";

/** Maximum characters of each reason in the message; `reasons` has the whole text. */
const maxReason = 1000;

/** The Validator did not approve the findings, so nothing is executed. */
export class FindingsRejectedError extends OrchestraError {
  override readonly name = "FindingsRejectedError";
  readonly code = "findings_rejected";
  readonly reasons: readonly string[];

  constructor(verdict: string, reasons: readonly string[]) {
    const list = firstAndLast(reasons.map((reason) => shortened(reason, maxReason)))
      .map((reason) => `\n  - ${reason}`)
      .join("");
    super(`The validator did not approve the findings (${verdict})${list}`);
    this.reasons = reasons;
  }

  static override isInstance(error: unknown): error is FindingsRejectedError {
    return OrchestraError.isNamed(error, "FindingsRejectedError");
  }
}
