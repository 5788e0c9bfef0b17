import type { Outcome } from "../outcome.ts";
import { plainLine } from "../plain-text.ts";
import { placeOf } from "./citation-line.ts";

/** The deliverable with its sources as a Markdown document. */
export function markdown({ question, answer, citations }: Outcome): string {
  const sources = citations.map(
    (citation) => `- [${citation.number}] \`${placeOf(citation)}\`: “${plainLine(citation.quote)}”`,
  );
  return (
    [`# ${plainLine(question)}`, answer.trim(), "## Sources", sources.join("\n")].join("\n\n") +
    "\n"
  );
}
