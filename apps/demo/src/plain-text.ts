import { stripVTControlCharacters } from "node:util";

// Beside the control characters, those that turn the direction of writing: they can make a line
// read as something else than it says.
const unprintable = /[[\p{Cc}--[\t\n]]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gv;

/** A text of a model or a document that cannot steer the terminal; line breaks stay. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replaceAll("\r\n", "\n")).replaceAll(unprintable, "");
}

/** The same on a single line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim();
}
