import stringWidth from "string-width";
import type { Output } from "./style.ts";

/** Breaks a line between words, and indents what follows the first. A word too long stays whole. */
export function wrap(line: string, width: number, indent = ""): string[] {
  const [first = "", ...words] = line.split(/(?<=\S) /);
  const lines: string[] = [];
  let current = first;
  for (const word of words) {
    const longer = `${current} ${word}`;
    if (stringWidth(longer) <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}

/**
 * Breaks a line for a terminal of so many columns; elsewhere, and where it does not know them and says 0,
 * lines stay whole, so that they can be searched.
 */
export function wrapFor({ isTTY, columns }: Output, line: string, indent = ""): string {
  return isTTY === true ? wrap(line, columns || Infinity, indent).join("\n") : line;
}
