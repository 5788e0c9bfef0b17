import type { Output } from "../command-context.ts";

const minColumns = 40;

/** Columns of an output: at least 40, and 80 where the width is unknown (`undefined` or 0). */
export function columnsOf({ columns }: Output): number {
  return Math.max(minColumns, columns || 80);
}
