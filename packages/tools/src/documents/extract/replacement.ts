/** A range of a text, and its replacement. */
export interface Replacement {
  start: number;
  end: number;
  /** At most as long as the range; NULs fill the rest. Empty by default. */
  text?: string;
}

/** Replaces ranges by NUL (or a shorter text) without moving any offset; of overlapping ranges the first is used. */
export function blankOut(text: string, replacements: readonly Replacement[]): string {
  let result = "";
  let offset = 0;
  for (const { start, end, text: stand = "" } of replacements.toSorted(
    (a, b) => a.start - b.start || b.end - a.end,
  )) {
    if (end <= offset) continue;
    // A range that overlaps an earlier one only extends it.
    const shown = start < offset ? "" : stand;
    const from = Math.max(start, offset);
    result += text.slice(offset, from) + shown + "\0".repeat(end - from - shown.length);
    offset = end;
  }
  return result + text.slice(offset);
}
