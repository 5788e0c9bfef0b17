import type { Passage } from "./passage.ts";

/** A line with the source of the text after it: `[2] docs/retry.md:12`, `Source: a.md (line 3)`. */
const PLACE_LINE =
  /^\s*(?:#{1,6}\s+|[-*]\s+)?(?:\[?(\d+)[\].)]\s+)?(?:source|path|file|url|document)?:?\s*[`*"(]*((?:https?:\/\/\S+?|[\w./-]*[\w-]\.[a-z]\w{0,5}))[`*")]*(?:(?::|#L|,?\s*\(?lines?\s+)(\d+)(?:\s*[-–]\s*L?\d+)?\)?)?[:\s]*$/i;

/** `docs/retry.md:12: the text`, as grep prints it. */
const GREP_LINE = /^([\w./-]*[\w-]\.[a-z]\w{0,5}):(\d+):\s*(.+)$/i;

/** The message of a tool that has found nothing. */
const NOTHING =
  /^\W*(?:error\b|no\b.*\b(?:results?|passages?|match(?:es)?|documents?|found)\b|nothing\b|not found\b|none\b)/i;

/** Splits a plain text into passages at the lines that name a source. */
export function parsePlainPassages(text: string): Passage[] {
  if (text.length < 200 && NOTHING.test(text)) return [];
  const passages: Passage[] = [];
  let place: Omit<Passage, "text"> = { kind: "source" };
  let lines: string[] = [];
  const close = () => {
    const body = lines.join("\n");
    const leading = body.length - body.trimStart().length;
    const skipped = body.slice(0, leading).split("\n").length - 1;
    const line = place.line === undefined ? {} : { line: place.line + skipped };
    if (body.trim() !== "") passages.push({ ...place, ...line, text: body.trim() });
    lines = [];
  };
  for (const line of text.split("\n")) {
    const grep = GREP_LINE.exec(line);
    const named = grep === null ? PLACE_LINE.exec(line) : null;
    if (grep !== null) {
      close();
      place = { kind: "source", path: grep[1] ?? "", line: Number(grep[2]) };
      lines.push(grep[3] ?? "");
    } else if (named !== null) {
      close();
      place = {
        kind: "source",
        path: named[2] ?? "",
        ...(named[3] !== undefined && { line: Number(named[3]) }),
        ...(named[1] !== undefined && { number: Number(named[1]) }),
      };
    } else {
      lines.push(line);
    }
  }
  close();
  return passages;
}
