import type { Citation, Location } from "./documents.ts";
import { plainMarkdown } from "./extract/plain-markdown.ts";
import { findQuote, type QuoteMatch } from "./find-quote.ts";
import { foldText, type Accents, type FoldedText } from "./folded-text.ts";
import { isEvidence } from "./is-evidence.ts";
import type { SourceDocument } from "./source-document.ts";

/** Maximum folded documents that are kept, and their characters: a check of many citations uses the same few documents. */
const keptDocuments = 16;
const keptCharacters = 4_000_000;

/** Finds quotations in documents; keeps the last few documents in folded form. */
export class QuoteFinder {
  readonly #readings = new Map<SourceDocument, Readings>();

  /** Position of the quotation. If there are several, the nearest to the citation's line; `undefined` if there is none. */
  find(document: SourceDocument, citation: Citation): Location | undefined {
    const readings = this.#readingsOf(document);
    for (const accents of ["keep", "drop"] as const) {
      for (const quote of waysToRead(citation.quote, accents)) {
        for (const reading of readings[accents]) {
          const matches = findQuote(reading(), quote);
          if (matches.length > 0) return nearest(document, matches, citation);
        }
      }
    }
    return undefined;
  }

  #readingsOf(document: SourceDocument): Readings {
    const readings = this.#readings.get(document) ?? {
      keep: readingsOf(document, "keep"),
      drop: readingsOf(document, "drop"),
    };
    // The most recently used one moves to the end; the first one is dropped first.
    this.#readings.delete(document);
    this.#readings.set(document, readings);
    let characters = 0;
    for (const { source } of this.#readings.keys()) characters += source.text.length;
    for (const oldest of this.#readings.keys()) {
      const isFull = this.#readings.size > keptDocuments || characters > keptCharacters;
      if (!isFull || oldest === document) break;
      this.#readings.delete(oldest);
      characters -= oldest.source.text.length;
    }
    return readings;
  }
}

/** The forms of a document with its accents, which are tried first, and without. */
type Readings = Readonly<Record<Accents, readonly Lazy<FoldedText>[]>>;

type Lazy<T> = () => T;

function lazy<T>(compute: () => T): Lazy<T> {
  let value: { computed: T } | undefined;
  return () => (value ??= { computed: compute() }).computed;
}

/** The forms of a document, the most literal first. */
function readingsOf(
  { kind, source, plainText }: SourceDocument,
  accents: Accents,
): Lazy<FoldedText>[] {
  const readings = [lazy(() => foldText(source.text, { accents }))];
  if (plainText !== undefined) readings.push(lazy(() => foldText(plainText, { accents })));
  // Only if a layout breaks lines can a hyphen at a line's end have been added.
  if (kind === "pdf" || kind === "text") {
    readings.push(lazy(() => foldText(source.text, { accents, lineEndHyphens: "drop" })));
    readings.push(lazy(() => foldText(source.text, { accents, lineEndHyphens: "join" })));
  }
  return readings;
}

/** The folded quotation, then equivalent forms of it: without markup, without quotes or a full stop around it. */
function waysToRead(quote: string, accents: Accents): Set<string> {
  const literal = foldText(quote, { accents }).text.trim();
  const plain = foldText(plainMarkdown(quote), { accents }).text.trim();
  const ways = [literal, plain].flatMap((way) => {
    const bare = withoutEllipses(withoutQuotes(way));
    return [way, bare, bare.replace(/[.,;:]+$/, "")];
  });
  return new Set(ways.filter(isEvidence));
}

function withoutQuotes(quote: string): string {
  return /^(["'])(.*)\1$/s.exec(quote)?.[2]?.trim() ?? quote;
}

function withoutEllipses(quote: string): string {
  return quote.replace(/^(?:\[\.{3}\]|\.{3,})\s*/, "").replace(/\s*(?:\[\.{3}\]|\.{3,})$/, "");
}

function nearest(
  { path, source }: SourceDocument,
  matches: readonly QuoteMatch[],
  { line: statedLine = 1, page: statedPage }: Citation,
): Location | undefined {
  const distance = ({ line, page = 1 }: { line: number; page?: number }) => [
    Math.abs(page - (statedPage ?? page)),
    Math.abs(line - statedLine),
  ];
  const places = matches.map((match) => ({ match, position: source.positionAt(match.start) }));
  const [best] = places.toSorted((a, b) => {
    const [pagesA = 0, linesA = 0] = distance(a.position);
    const [pagesB = 0, linesB = 0] = distance(b.position);
    return pagesA - pagesB || linesA - linesB;
  });
  if (!best) return undefined;
  const { start, end } = best.match;
  const { line, page } = best.position;
  const last = source.positionAt(end - 1);
  return {
    path,
    line,
    endLine: last.line,
    ...(page !== undefined && { page }),
    ...(last.page !== page && last.page !== undefined && { endPage: last.page }),
    text: source.text.slice(start, end),
  };
}
