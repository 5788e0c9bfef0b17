import stringWidth from "string-width";

/** Breaks a line between words, and indents what follows the first. A word too long stays whole. */
export function wrap(line: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of line.split(" ")) {
    const longer = current === "" ? word : `${current} ${word}`;
    if (current === "" || stringWidth(longer) <= width) {
      current = longer;
    } else {
      lines.push(current);
      current = indent + word;
    }
  }
  return [...lines, current];
}
