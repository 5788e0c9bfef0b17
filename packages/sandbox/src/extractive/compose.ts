import type { Finding, Point } from "./finding.ts";
import type { Place } from "./passage.ts";
import { splitTarget } from "./target.ts";

/** The answer if the material has none. */
export const FOUND_NOTHING = "I found nothing in the given material that answers this.";

/** The answer if there is no material. */
export const NO_MATERIAL =
  "I am the sandbox's extractive model, not a language model: I only quote sentences from the " +
  "material of a request, and this one has none.";

/** The answer as running text; `withPlaces` adds the position of each sentence. */
export function composeText(finding: Finding, withPlaces: boolean): string {
  if (!finding.hasMaterial) return NO_MATERIAL;
  if (!finding.isFound) return FOUND_NOTHING;
  return finding.points
    .map((point) => statementWithMark(point, finding.usesMarks, withPlaces))
    .join(" ");
}

/** The answer as a file: Markdown has a title, and the sources of its marks. */
export function composeFile(finding: Finding, path: string): string {
  const text = composeText(finding, true);
  if (!/\.md$/i.test(path)) return text;
  const title = splitTarget(finding.question).rest.split("\n")[0]?.trim() ?? "";
  const sources = finding.usesMarks ? finding.points.flatMap(sourceOf) : [];
  const parts = [`# ${title}`, text, ...(sources.length > 0 ? ["## Sources", ...sources] : [])];
  return `${parts.join("\n\n")}\n`;
}

function sourceOf({ number, excerpts }: Point): string[] {
  const [excerpt] = excerpts;
  if (number === undefined || excerpt?.path === undefined) return [];
  const place = placeOf(excerpt);
  return [`[${number}] ${place}: “${excerpt.text.replace(/\s+/g, " ").trim()}”`];
}

function statementWithMark(point: Point, usesMarks: boolean, withPlaces: boolean): string {
  if (usesMarks && point.number !== undefined)
    return suffixed(point.statement, `[${point.number}]`);
  const [excerpt] = point.excerpts;
  if (!withPlaces || excerpt?.path === undefined) return point.statement;
  return suffixed(point.statement, `(${placeOf(excerpt)})`);
}

function placeOf({ path, line }: Place): string {
  return line === undefined ? `${path}` : `${path}:${line}`;
}

/** Puts a mark before the full stop, where readers expect it. */
function suffixed(statement: string, mark: string): string {
  const [, body = statement, end = ""] = /^([\s\S]*?)([.!?:。！？：]?)$/.exec(statement) ?? [];
  return `${body} ${mark}${/[?!。！？]/.test(end) ? end : "."}`;
}
