import { z } from "zod";
import { firstAndLast, quoted } from "./bounded.ts";
import { explainIssue } from "./explain-issue.ts";

/** Describes what zod rejected: where inside the value, and what. Omits the value, which may be a secret. */
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

/** The issues of a user's own schema, each in a line. */
export function prettyIssues({ issues }: z.ZodError): string {
  return firstAndLast(issues.map((issue) => z.prettifyError({ issues: [issue] }))).join("\n");
}

/** Parses a value; problems without a message of their schema's own are in the words of this project. */
export function parseWith<T>(schema: z.ZodType<T>, value: unknown) {
  return schema.safeParse(value, { error: explainIssue });
}
