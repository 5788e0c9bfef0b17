import { skipped, type Result } from "../check.ts";
import type { FoundSettings } from "../doctor-context.ts";

/**
 * The result of a check that needs these variables, if one of them is invalid: skipped.
 *
 * @returns `undefined` if all are valid
 */
export function skipInvalid(
  { problems }: FoundSettings,
  ...variables: readonly string[]
): readonly Result<never>[] | undefined {
  const wrong = new Set(problems.map(({ variable }) => variable));
  const named = variables.filter((variable) => wrong.has(variable));
  if (named.length === 0) return undefined;
  return skipped(`${named.join(" and ")} ${named.length > 1 ? "are" : "is"} not valid.`);
}

/** The variables that set the model of a role. */
export const roleVariables = ["AGENT_MODEL_MAP", "OPENROUTER_DEFAULT_MODEL"] as const;
