import wrapAnsi from "wrap-ansi";
import type { Output } from "../command-context.ts";
import { columnsOf } from "./columns.ts";

/** Longer lines of text are hard to read. */
const maxWidth = 100;

/** Maximum columns of a line of text. Files and pipes have no limit, so that a search finds whole sentences. */
export function widthOf(output: Output): number {
  const isTerminal = output.isTTY === true || output.columns !== undefined;
  return isTerminal ? Math.min(columnsOf(output), maxWidth) : Infinity;
}

/**
 * Wraps the lines of a text. What the user may copy is not broken: a word longer than a line, such as an id, a path
 * or a URL; text in backticks or braces; a line that is indented; a line of JSON.
 *
 * @param width - Maximum columns; with `Infinity`, the text is returned as it is.
 * @param indent - Put before each line after the first. It counts towards the width.
 */
export function wrap(text: string, width: number, indent = ""): string {
  if (width === Infinity) return text;
  const lines = text.split("\n").flatMap((line) => wrapLine(line, width - indent.length));
  return lines.join(`\n${indent}`);
}

/** Like {@link wrap}, with two spaces before each line. */
export function wrapIndented(text: string, width: number): string {
  return `  ${wrap(text, width, "  ")}`;
}

/** Writes a notice or an error, wrapped to the width of the output, and a line break. */
export function writeProse(output: Output, text: string, indent?: string): void {
  output.write(`${wrap(text, widthOf(output), indent)}\n`);
}

const verbatim = /^\s|^\{|^\[["[{]/;
const toCopy = /`[^`\n]+`|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g;
/** Stands for a space at which no line is broken: a character of the private use area, one column wide. */
const keptSpace = "\uE000";

function wrapLine(line: string, width: number): string[] {
  if (verbatim.test(line)) return [line];
  const kept = line.replaceAll(toCopy, (part) => part.replaceAll(" ", keptSpace));
  return wrapAnsi(kept, width).replaceAll(keptSpace, " ").split("\n");
}
