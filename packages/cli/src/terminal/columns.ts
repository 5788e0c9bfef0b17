import type { Output } from "../surroundings.ts";

const minColumns = 40;

/** Columns of an output, 40 at least. A terminal that does not know how many it has says 0: it gets 80. */
export function columnsOf({ columns }: Output): number {
  return Math.max(minColumns, columns || 80);
}
