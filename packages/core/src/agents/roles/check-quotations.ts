import type { Claim, Evidence, Issue } from "./findings.ts";

/** Finds a quotation in its source. The document collections of `@orchestra/tools/documents` implement it. */
export interface QuotationSource {
  /** Position of the quotation; `undefined` if the source does not contain it. */
  locate(evidence: Evidence): Awaitable<FoundQuotation | undefined>;
}

/** Where a quotation was found. */
export interface FoundQuotation {
  readonly path: string;
  readonly line: number;
  /** Page, in documents that have pages; the line then counts from its top. */
  readonly page?: number | undefined;
}

type Awaitable<T> = T | Promise<T>;

/**
 * Looks up every claim's quotation in its source.
 *
 * @returns the claims, with evidence at the position where the quotation was found, and an issue for
 * each quotation that was not found
 */
export async function checkQuotations(
  claims: readonly Claim[],
  sources: QuotationSource | undefined,
): Promise<{ claims: readonly Claim[]; issues: readonly Issue[] }> {
  if (!sources) return { claims, issues: [] };
  const issues: Issue[] = [];
  const checked: Claim[] = [];
  for (const claim of claims) {
    const found = await sources.locate(claim.evidence);
    if (!found) {
      const { path, quote } = claim.evidence;
      const problem = `The quotation is not in ${path}: ${JSON.stringify(quote)}. Quote the source word for word, or drop the claim.`;
      issues.push({ claim: claim.number, problem });
      checked.push(claim);
      continue;
    }
    const { path, line, page } = found;
    const evidence = { ...claim.evidence, path, line, ...(page === undefined ? {} : { page }) };
    checked.push({ ...claim, evidence });
  }
  return { claims: checked, issues };
}
