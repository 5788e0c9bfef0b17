/** A range of a text that something else stands for. */
export interface Replacement {
  start: number;
  end: number;
  /** No longer than the range; NULs fill the rest. Nothing by default. */
  text?: string;
}

/** Replaces ranges by NUL (or a shorter text) without moving any offset; of overlapping ranges the first is taken. */
export function blankOut(text: string, replacements: readonly Replacement[]): string {
  let result = "";
  let offset = 0;
  for (const { start, end, text: stand = "" } of replacements.toSorted(
    (a, b) => a.start - b.start || b.end - a.end,
  )) {
    if (end <= offset) continue;
    // What an earlier range has covered already is only lengthened.
    const shown = start < offset ? "" : stand;
    const from = Math.max(start, offset);
    result += text.slice(offset, from) + shown + "\0".repeat(end - from - shown.length);
    offset = end;
  }
  return result + text.slice(offset);
}
