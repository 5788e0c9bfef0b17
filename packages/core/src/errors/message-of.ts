import { asText } from "./bounded.ts";

/** The message of what was thrown, which may be no error at all. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  try {
    return String(thrown);
  } catch {
    // An object without a prototype has no text.
    return asText(thrown);
  }
}
