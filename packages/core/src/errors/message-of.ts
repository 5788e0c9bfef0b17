import { asText } from "./bounded.ts";

/** The message of a thrown value, which may not be an error. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? asText(thrown.message) : String(thrown);
  } catch {
    // An object without a prototype has no text, and a getter may throw.
    return asText(thrown);
  }
}
