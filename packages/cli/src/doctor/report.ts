import { formatCount } from "../terminal/amounts.ts";
import type { Severity } from "./check.ts";
import type { Finding } from "./finding.ts";

/** All findings of the doctor, as `--json` prints them. */
export interface Report {
  /** Is increased when fields are renamed or removed. */
  readonly version: 1;
  readonly orchestra: string;
  readonly node: string;
  readonly platform: string;
  /** Number of findings by severity. */
  readonly summary: Readonly<Record<Severity, number>>;
  readonly findings: readonly Finding[];
}

/** Counts: `1 error, 2 warnings, 0 notes`. */
export function formatSummary({
  error,
  warning,
  note,
}: Pick<Report["summary"], "error" | "warning" | "note">): string {
  return [
    formatCount(error, "error"),
    formatCount(warning, "warning"),
    formatCount(note, "note"),
  ].join(", ");
}

/** @param redact - Removes secrets from a text. */
export function createReport(
  findings: readonly Finding[],
  orchestra: string,
  redact: (text: string) => string,
): Report {
  const summary = { error: 0, warning: 0, note: 0, ok: 0, skipped: 0 };
  for (const { severity } of findings) summary[severity] += 1;
  return {
    version: 1,
    orchestra,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    summary,
    findings: findings.map((finding) => ({
      ...finding,
      message: redact(finding.message),
      ...(finding.details ? { details: finding.details.map(redact) } : {}),
    })),
  };
}
