import type { Finding } from "./finding.ts";

/** Applies the fixes of all findings, one after the other, because several fixes can change one file. */
export async function applyFixes(findings: readonly Finding[]): Promise<readonly Finding[]> {
  const results: Finding[] = [];
  for (const finding of findings) {
    results.push(finding.fix ? await applyFix(finding, finding.fix) : finding);
  }
  return results;
}

async function applyFix(finding: Finding, fix: () => Promise<string>): Promise<Finding> {
  try {
    return { ...finding, severity: "ok", fixed: await fix() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...finding, message: `${finding.message} The fix failed: ${reason}.` };
  }
}
