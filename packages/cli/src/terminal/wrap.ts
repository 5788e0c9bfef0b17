import wrapAnsi from "wrap-ansi";
import type { Output } from "../surroundings.ts";

/** Lines of prose are hard to read when they are longer. */
const maxWidth = 100;
const minWidth = 40;

/** Columns for text. */
export function widthOf({ columns = 80 }: Output): number {
  return Math.max(minWidth, Math.min(columns, maxWidth));
}

/** Breaks a text into lines, each after its first indented further. */
export function wrap(text: string, width: number, indent = ""): string {
  const lines = wrapAnsi(text, width - indent.length, { hard: true }).split("\n");
  return lines.join(`\n${indent}`);
}
