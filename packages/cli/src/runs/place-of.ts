/** The place of a quotation: `vell.md:3 "The lighthouse of Vell was built in 1871."`; for a PDF, with the page. */
export function placeOf(evidence: unknown): string | undefined {
  const { path, line, page, quote } = (evidence ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof path !== "string") return undefined;
  return [
    `${path}${typeof line === "number" ? `:${line}` : ""}`,
    ...(typeof page === "number" ? [`(page ${page})`] : []),
    ...(typeof quote === "string" ? [`"${quote.trim().replaceAll(/\s+/g, " ")}"`] : []),
  ].join(" ");
}
