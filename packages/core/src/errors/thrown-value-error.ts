import { asText, quoted } from "./bounded.ts";
import { OrchestraError } from "./orchestra-error.ts";
import { redactSecrets } from "./secrets.ts";

/**
 * Code of the program, such as a step of a pipeline, threw a value that is not an error, or a frozen error.
 * The message names the code.
 */
export class ThrownValueError extends OrchestraError {
  override readonly name = "ThrownValueError";
  readonly code = "thrown_value";

  /** @param what - The code that threw, such as `The step 'research' of the pipeline`. */
  constructor(what: string, thrown: unknown) {
    super(`${what} threw ${shown(thrown)}`, thrown instanceof Error ? { cause: thrown } : {});
  }

  static override isInstance(error: unknown): error is ThrownValueError {
    return OrchestraError.isNamed(error, "ThrownValueError");
  }
}

/** For values that are not errors, only texts are shown: others may contain a secret. */
function shown(thrown: unknown): string {
  if (thrown instanceof Error) {
    const text = redactSecrets(`${thrown.name}: ${thrown.message}`);
    return `a frozen error, ${quoted(text)}: expected one that is not frozen`;
  }
  const text =
    typeof thrown === "string" ? quoted(redactSecrets(thrown)) : asText(thrown ?? String(thrown));
  return `${text}: expected an error`;
}
