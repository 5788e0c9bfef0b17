import { count } from "./words.ts";

/** A short description of an agent's output; `undefined` for a role that is not built in. */
export function describeOutput(output: unknown): string {
  if (typeof output !== "object" || output === null) return "";
  const { verdict, issues, claims, citations } = output as Record<string, unknown>;
  if (typeof verdict === "string") {
    const problems = sizeOf(issues);
    return problems ? `${verdict}, ${count(problems, "issue")}` : verdict;
  }
  if (Array.isArray(citations)) return count(citations.length, "citation");
  if (Array.isArray(claims)) return count(claims.length, "claim");
  return "";
}

function sizeOf(list: unknown): number {
  return Array.isArray(list) ? list.length : 0;
}
