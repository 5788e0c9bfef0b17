import type { AddHelpTextContext } from "commander";

/**
 * Makes the text that commander prints after the help of a command, wrapped to the width of the terminal. In
 * `text`, blank lines separate paragraphs and sections. A section has a heading and indented lines.
 */
export function helpText(text: string): (context: AddHelpTextContext) => string {
  const blocks = text.trim().split("\n\n");
  return ({ command, error }) => {
    const output = command.configureOutput();
    const width = (error ? output.getErrHelpWidth?.() : output.getOutHelpWidth?.()) ?? 80;
    return `\n${blocks.map((block) => fit(block, width)).join("\n\n")}`;
  };
}

function fit(block: string, width: number): string {
  const isSection = /\n /.test(block);
  if (!isSection) return wrapWords(block, width, "");
  return block
    .split("\n")
    .map((line) => fitLine(line, width))
    .join("\n");
}

/** Wraps the second column of a line that is too long; where it has too little room, below the first column. */
function fitLine(line: string, width: number): string {
  const [, term, description] = /^( +.+? {2,})(\S.*)$/.exec(line) ?? [];
  if (line.length <= width || term === undefined || description === undefined) return line;
  const hasRoom = width - term.length >= minColumn;
  if (hasRoom) return term + wrapWords(description, width - term.length, " ".repeat(term.length));
  return `${term.trimEnd()}\n      ${wrapWords(description, width - 6, "      ")}`;
}

const minColumn = 20;

/** @param indent - Put before each line after the first. */
function wrapWords(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines.join(`\n${indent}`);
}
