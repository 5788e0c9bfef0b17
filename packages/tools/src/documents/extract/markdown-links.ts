import type { Replacement } from "./replacement.ts";

/** No real link is longer; the limit keeps a stray bracket from causing a scan of a whole file. */
const maxTarget = 2_000;

/** The marks of links, whose text is kept, and whole images, whose alternative text readers do not see. */
export function markdownLinks(prose: string): Replacement[] {
  const marks: Replacement[] = [];
  const open: { start: number; isImage: boolean }[] = [];
  for (const match of prose.matchAll(/\\.|!?\[|\]|\n[ \t]*(?=\n)/g)) {
    const [token] = match;
    if (token.startsWith("\n")) {
      // A link does not extend over a paragraph's end.
      open.length = 0;
    } else if (token.endsWith("[") && !token.startsWith("\\")) {
      open.push({ start: match.index, isImage: token.startsWith("!") });
    } else if (token === "]") {
      const bracket = open.pop();
      const end = bracket && endOfTarget(prose, match.index + 1);
      if (!bracket || end === undefined) continue;
      if (bracket.isImage) marks.push({ start: bracket.start, end });
      else
        marks.push({ start: bracket.start, end: bracket.start + 1 }, { start: match.index, end });
    }
  }
  return marks;
}

/** The end of the `(target)` or `[reference]` that begins at `start`, or `undefined` if there is none. */
function endOfTarget(prose: string, start: number): number | undefined {
  const opening = prose[start];
  if (opening !== "(" && opening !== "[") return undefined;
  const closing = opening === "(" ? ")" : "]";
  const limit = Math.min(prose.length, start + maxTarget);
  let depth = 0;
  for (let at = start; at < limit; at += 1) {
    const character = prose[at];
    if (character === "\\") at += 1;
    else if (character === opening) depth += 1;
    else if (character === closing) depth -= 1;
    else if (character === "\n" && prose[at + 1] === "\n") return undefined;
    if (depth === 0) return at + 1;
  }
  return undefined;
}
