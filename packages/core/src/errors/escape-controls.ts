import { ArgumentError } from "./argument-error.ts";

/** C0 and C1 controls, delete, the separators that end a line, and the marks that reorder text. */
const controls = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * A text with its control characters as JSON escapes (`\u001b`). On a terminal it stays one line, and
 * can neither move the cursor nor change colors or the order of the text.
 *
 * @param kept - A control character that is not escaped. @defaultValue none
 */
export function escapeControls(text: string, kept = ""): string {
  if (typeof text !== "string") throw ArgumentError.of("escapeControls(): text", text, "a text");
  return text.replaceAll(controls, (control) =>
    control === kept
      ? control
      : String.raw`\u` + control.charCodeAt(0).toString(16).padStart(4, "0"),
  );
}
