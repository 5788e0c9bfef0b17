import type { Outcome } from "../outcome.ts";
import { plainLine, plainText } from "../plain-text.ts";
import { placeOf } from "./citation-line.ts";

/** The deliverable with its sources as a Markdown document, without control characters: it may be shown on a terminal. */
export function markdown({ question, answer, citations }: Outcome): string {
  const sources = citations.map(
    (citation) => `- [${citation.number}] \`${placeOf(citation)}\`: “${plainLine(citation.quote)}”`,
  );
  return (
    [`# ${plainLine(question)}`, plainText(answer).trim(), "## Sources", sources.join("\n")].join(
      "\n\n",
    ) + "\n"
  );
}
