import { asText } from "./bounded.ts";

/** The message of what was thrown, which may be no error at all. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? asText(thrown.message) : String(thrown);
  } catch {
    // An object without a prototype has no text, and a getter may throw.
    return asText(thrown);
  }
}
