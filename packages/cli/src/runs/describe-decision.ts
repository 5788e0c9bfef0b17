import { isObject } from "@orchestra/core/extend";

/** What a person decided, who it was and why: `approved by Ann: both sources are ours`. */
export function describeDecision(value: unknown): string {
  const { decision, by, note, reason } = isObject(value) ? value : {};
  // Any other value answers a question of a pipeline, and can be long.
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
