import type { Citation } from "@orchestra/core";
import { plainLine } from "../plain-text.ts";

/** `[1] reliability.md:12 "The fallback serves."` */
export function citationLine({ number, quote, ...place }: Citation): string {
  return `[${number}] ${placeOf(place)} "${plainLine(quote)}"`;
}

/** Path and line; for a PDF also the page, because its lines are counted within a page. */
export function placeOf(evidence: Omit<Citation, "number" | "quote">): string {
  const { path, line, page } = evidence as typeof evidence & { readonly page?: number };
  return `${plainLine(path)}:${line}${page === undefined ? "" : ` (page ${page})`}`;
}
