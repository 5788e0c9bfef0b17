import type { Finding, Point } from "./finding.ts";

/** What is said when the material has no answer. */
export const FOUND_NOTHING = "I found nothing in the given material that answers this.";

/** What is said when there is no material either. */
export const NO_MATERIAL =
  "I am the sandbox's extractive model, not a language model: I only quote sentences from the " +
  "material of a request, and this one holds none.";

/** The answer as running text; `withPlaces` adds where each sentence stands. */
export function composeText(finding: Finding, withPlaces: boolean): string {
  if (!finding.hasMaterial) return NO_MATERIAL;
  if (!finding.isFound) return FOUND_NOTHING;
  return finding.points
    .map((point) => statementWithMark(point, finding.usesMarks, withPlaces))
    .join(" ");
}

function statementWithMark(point: Point, usesMarks: boolean, withPlaces: boolean): string {
  if (usesMarks && point.number !== undefined)
    return suffixed(point.statement, `[${point.number}]`);
  const { path, line } = point.excerpts[0] ?? {};
  if (!withPlaces || path === undefined) return point.statement;
  return suffixed(point.statement, line === undefined ? `(${path})` : `(${path}:${line})`);
}

/** Puts a mark before the full stop, where a reader looks for it. */
function suffixed(statement: string, mark: string): string {
  const [, body = statement, end = ""] = /^([\s\S]*?)([.!?:]?)$/.exec(statement) ?? [];
  return `${body} ${mark}${/[?!]/.test(end) ? end : "."}`;
}
