import wrapAnsi from "wrap-ansi";
import type { Output } from "../surroundings.ts";
import { columnsOf } from "./columns.ts";

/** Lines of prose are hard to read when they are longer. */
const maxWidth = 100;

/** Columns for text. */
export function widthOf(output: Output): number {
  return Math.min(columnsOf(output), maxWidth);
}

/**
 * Breaks a text into lines, each after its first indented further. A word that is longer than a line stays
 * whole, so that an id, a path or a URL can be copied.
 */
export function wrap(text: string, width: number, indent = ""): string {
  const lines = wrapAnsi(text, width - indent.length).split("\n");
  return lines.join(`\n${indent}`);
}

/** As {@link wrap}, with all lines indented. */
export function wrapIndented(text: string, width: number, indent = "  "): string {
  return `${indent}${wrap(text, width, indent)}`;
}
