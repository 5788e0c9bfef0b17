import { isObject } from "@orchestra/core/extend";

/** The decision, the person and the reason: `approved by Ann: both sources are ours`. */
export function describeDecision(value: unknown): string {
  const { decision, by, note, reason } = isObject(value) ? value : {};
  // Any other value is the answer to a pipeline's question, and can be long.
  const what = decisions.get(decision) ?? "decided";
  const person = typeof by === "string" ? ` by ${by}` : "";
  const why = note ?? reason;
  return `${what}${person}${typeof why === "string" ? `: ${why.replaceAll(/\s+/g, " ")}` : ""}`;
}

const decisions: ReadonlyMap<unknown, string> = new Map([
  ["approve", "approved"],
  ["reject", "rejected"],
  ["edit", "edited and approved"],
]);
