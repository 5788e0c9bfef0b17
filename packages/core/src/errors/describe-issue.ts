import { z } from "zod";
import { firstAndLast, quoted } from "./bounded.ts";
import { explainIssue } from "./explain-issue.ts";

/** Describes what zod rejected: the position inside the value, and the problem. Omits the value, which may be a secret. */
function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path
    .map((part) => (typeof part === "number" ? `entry ${part + 1}` : quoted(String(part))))
    .join(", ");
  return where === "" ? issue.message : `${where} ${issue.message}`;
}

/** The issues in one line, each once. */
export function describeIssues({ issues }: z.ZodError): string {
  return firstAndLast([...new Set(issues.map(describeIssue))]).join("; ");
}

/** The issues of a user's own schema, one in each line. */
export function prettyIssues({ issues }: z.ZodError): string {
  return firstAndLast(issues.map((issue) => z.prettifyError({ issues: [issue] }))).join("\n");
}

/** Parses a value. If the schema has no message for a problem, it gets one in the words of this project. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown) {
  return schema.safeParse(value, { error: explainIssue });
}
