import type { SkippedFile } from "@orchestra/tools/documents";

const maxNamed = 3;

/** Says which documents could not be used and why, or nothing where all could. */
export function skippedNote(skipped: readonly SkippedFile[]): string | undefined {
  if (skipped.length === 0) return undefined;
  const named = skipped.slice(0, maxNamed).map(({ path, reason }) => `${path} (${reason})`);
  const others = skipped.length - named.length;
  const list = others === 0 ? named : [...named, `${others} more`];
  return `${skipped.length} ${skipped.length === 1 ? "file" : "files"} skipped: ${list.join(", ")}`;
}
