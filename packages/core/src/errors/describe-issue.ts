import type { z } from "zod";

/** Describes what zod rejected: where inside the value, and what. Omits the value, which may be a secret. */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path
    .map((part) => (typeof part === "number" ? `entry ${part + 1}` : `"${String(part)}"`))
    .join(", ");
  const what =
    issue.code === "unrecognized_keys"
      ? `has unknown fields: ${issue.keys.join(", ")}`
      : issue.message;
  return where === "" ? what : `${where} ${what}`;
}

/** All issues in one line, each once. */
export function describeIssues({ issues }: z.ZodError): string {
  return [...new Set(issues.map(describeIssue))].join("; ");
}
