import { asText, quoted } from "./bounded.ts";
import { redactSecrets } from "./secrets.ts";

/**
 * What was thrown, as an error: LangGraph sets a field of what it catches, and fails itself where that is
 * `null` or a text. Objects stay as they are, interrupts of a graph among them.
 *
 * @param what - What threw, such as `The step 'research' of the pipeline`.
 */
export function errorOf(thrown: unknown, what: string): unknown {
  if (typeof thrown === "object" && thrown !== null) return thrown;
  const shown =
    typeof thrown === "string" ? quoted(redactSecrets(thrown)) : asText(thrown ?? String(thrown));
  return new Error(`${what} threw ${shown}: expected an error`);
}
