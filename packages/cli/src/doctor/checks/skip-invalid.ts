import { skipped, type Result } from "../check.ts";
import type { FoundSettings } from "../context.ts";

/**
 * Where one of these variables is not valid, its value is unknown: there is nothing to check.
 *
 * @returns nothing where all are valid
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

/** Those that say which model a role gets. */
export const roleVariables = ["AGENT_MODEL_MAP", "OPENROUTER_DEFAULT_MODEL"] as const;
