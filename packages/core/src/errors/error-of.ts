import { ThrownValueError } from "./thrown-value-error.ts";

/**
 * What was thrown, as an error: LangGraph sets a field of what it catches, and fails itself where it cannot,
 * as with `null`, a text or a frozen error. Errors stay as they are, interrupts of a graph among them.
 *
 * @param what - What threw, such as `The step 'research' of the pipeline`.
 */
export function errorOf(thrown: unknown, what: string): unknown {
  const isUsable = isError(thrown) && Object.isExtensible(thrown);
  return isUsable ? thrown : new ThrownValueError(what, thrown);
}

/** Errors of other realms are none of this one's class; a proxy may refuse to say what it is. */
function isError(thrown: unknown): thrown is object {
  if (typeof thrown !== "object" || thrown === null) return false;
  try {
    return thrown instanceof Error || "message" in thrown || "is_bubble_up" in thrown;
  } catch {
    return false;
  }
}
