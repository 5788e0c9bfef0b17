import wrapAnsi from "wrap-ansi";
import type { Output } from "../surroundings.ts";
import { columnsOf } from "./columns.ts";

/** Lines of prose are hard to read when they are longer. */
const maxWidth = 100;

/** Columns for text: no limit for files and pipes, whose reader may look for a sentence. */
export function widthOf(output: Output): number {
  const isTerminal = output.isTTY === true || output.columns !== undefined;
  return isTerminal ? Math.min(columnsOf(output), maxWidth) : Infinity;
}

/**
 * Breaks the lines of a text, each after the first indented further. What is to be copied stays whole: a word
 * that is longer than a line, such as an id, a path or a URL; what is in backticks or in braces; and a line
 * that is indented already, or JSON.
 */
export function wrap(text: string, width: number, indent = ""): string {
  if (width === Infinity) return text;
  const lines = text.split("\n").flatMap((line) => wrapLine(line, width - indent.length));
  return lines.join(`\n${indent}`);
}

/** As {@link wrap}, with all lines indented. */
export function wrapIndented(text: string, width: number, indent = "  "): string {
  return `${indent}${wrap(text, width, indent)}`;
}

/** Writes a notice or an error, as wide as a terminal. */
export function writeProse(output: Output, text: string, indent?: string): void {
  output.write(`${wrap(text, widthOf(output), indent)}\n`);
}

const verbatim = /^\s|^\{|^\[["[{]/;
const toCopy = /`[^`\n]+`|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}/g;
/** Of the private use area: as wide as a space, and no place to break a line. */
const keptSpace = "\uE000";

function wrapLine(line: string, width: number): string[] {
  if (verbatim.test(line)) return [line];
  const kept = line.replaceAll(toCopy, (part) => part.replaceAll(" ", keptSpace));
  return wrapAnsi(kept, width).replaceAll(keptSpace, " ").split("\n");
}
