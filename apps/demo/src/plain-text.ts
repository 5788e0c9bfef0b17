import { stripVTControlCharacters } from "node:util";

// Control characters, and those that change the direction of text: they can make a line look like another text.
const unprintable = /[[\p{Cc}--[\t\n]]\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gv;

/** Removes control characters from a text of a model or a document, except line breaks and tabs. */
export function plainText(text: string): string {
  return stripVTControlCharacters(text.replaceAll("\r\n", "\n")).replaceAll(unprintable, "");
}

/** The same on a single line. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll(/\s+/g, " ").trim();
}
