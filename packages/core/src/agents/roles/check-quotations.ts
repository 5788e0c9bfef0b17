import type { Claim, Evidence, Issue } from "./findings.ts";

/** Finds a quotation in its source; the document collections of `@orchestra/core/documents` do. */
export interface QuotationSource {
  /** Where the quotation stands; `undefined` if it does not stand there. */
  locate(evidence: Evidence): { readonly path: string; readonly line: number } | undefined;
}

/**
 * Looks every claim's quotation up in its source.
 *
 * @returns the claims, their evidence at the place where the quotation was found, and an issue for
 * each one that was not
 */
export function checkQuotations(
  claims: readonly Claim[],
  sources: QuotationSource | undefined,
): { claims: readonly Claim[]; issues: readonly Issue[] } {
  if (!sources) return { claims, issues: [] };
  const issues: Issue[] = [];
  const checked = claims.map((claim) => {
    const found = sources.locate(claim.evidence);
    if (!found) {
      const problem = `The quotation is not in ${claim.evidence.path}: ${JSON.stringify(claim.evidence.quote)}. Quote the source word for word, or drop the claim.`;
      issues.push({ claim: claim.number, problem });
      return claim;
    }
    const { path, line } = found;
    return { ...claim, evidence: { ...claim.evidence, path, line } };
  });
  return { claims: checked, issues };
}
