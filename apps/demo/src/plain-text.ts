import { stripVTControlCharacters } from "node:util";

// Beside the control characters, those that turn the direction of writing: they can make a line
// read as something else than it says.
// oxlint-disable-next-line no-control-regex
const unprintable =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** A text of a model or a document that cannot steer the terminal; line breaks stay. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replaceAll("\r\n", "\n")).replaceAll(unprintable, "");
}

/** The same on a single line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim();
}
