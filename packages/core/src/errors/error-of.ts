import { ThrownValueError } from "./thrown-value-error.ts";

/**
 * A thrown value as an error to which fields can be added: LangGraph sets a field on errors that it catches, and
 * fails for `null`, a text or a frozen error. Other errors are returned unchanged, also interrupts of a graph.
 *
 * @param what - The code that threw, such as `The step 'research' of the pipeline`.
 */
export function errorOf(thrown: unknown, what: string): unknown {
  const isUsable = isError(thrown) && Object.isExtensible(thrown);
  return isUsable ? thrown : new ThrownValueError(what, thrown);
}

/** Errors of another realm are not instances of this realm's `Error`, and a proxy may throw in `instanceof`. */
function isError(thrown: unknown): thrown is object {
  if (typeof thrown !== "object" || thrown === null) return false;
  try {
    return thrown instanceof Error || "message" in thrown || "is_bubble_up" in thrown;
  } catch {
    return false;
  }
}
