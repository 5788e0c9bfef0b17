import { z } from "zod";
import type { Claim, Findings } from "../agents/index.ts";
import { findingsSchema } from "../agents/roles/findings.ts";
import { checkInput } from "../input/check-input.ts";

const listSchema = z.lazy(() =>
  z.array(findingsSchema()).min(1, "is empty: expected the findings of each researcher"),
);

/**
 * Joins the findings of several researchers: each claim once, numbered from 1, and all open
 * questions.
 *
 * @throws {ArgumentError} for a value that is not a list of findings
 */
export function joinFindings(all: readonly Findings[]): Findings {
  checkInput(listSchema, all, "joinFindings()", "all");
  const claims = new Map<string, Claim>();
  for (const claim of all.flatMap((findings) => findings.claims)) {
    const { statement, evidence } = claim;
    const key = JSON.stringify([statement, evidence.path, evidence.quote]);
    if (!claims.has(key)) claims.set(key, { ...claim, number: claims.size + 1 });
  }
  return {
    task: all[0]?.task ?? "",
    claims: [...claims.values()],
    openQuestions: [...new Set(all.flatMap(({ openQuestions }) => openQuestions))],
  };
}
