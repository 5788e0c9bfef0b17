import { isObject } from "@orchestra/core/extend";

/** In characters. */
const maxAnswerLength = 100;

/**
 * The decision, the person and the reason: `approved by Ann: both sources are ours`. Any other value is the answer to a
 * pipeline's question: `answered "yes"`.
 */
export function describeDecision(value: unknown): string {
  const { decision, by, note, reason } = isObject(value) ? value : {};
  const what = decisions.get(decision);
  if (what === undefined) return `answered ${shorten(JSON.stringify(value) ?? "null")}`;
  const person = typeof by === "string" ? ` by ${by}` : "";
  const why = note ?? reason;
  return `${what}${person}${typeof why === "string" ? `: ${why.replaceAll(/\s+/g, " ")}` : ""}`;
}

function shorten(text: string): string {
  return text.length > maxAnswerLength ? `${text.slice(0, maxAnswerLength).toWellFormed()}…` : text;
}

const decisions: ReadonlyMap<unknown, string> = new Map([
  ["approve", "approved"],
  ["reject", "rejected"],
  ["edit", "edited and approved"],
]);
