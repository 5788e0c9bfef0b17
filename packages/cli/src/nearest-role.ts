import leven from "leven";
import type { Settings } from "@orchestra/core";

export const builtInRoles = ["researcher", "validator", "executor"] as const;

/** Names that are shorter are near to too many others. */
const minLength = 5;

/** The role that a misspelt name most likely means; `undefined` for a known one, and for one of its own. */
export function nearestRole(
  role: string,
  { agentModels, agentRequests }: Pick<Settings, "agentModels" | "agentRequests">,
): string | undefined {
  const known = [...builtInRoles, ...Object.keys(agentModels), ...Object.keys(agentRequests)];
  if (known.includes(role)) return undefined;
  return known.find(
    (name) => name.length >= minLength && leven(role.toLowerCase(), name.toLowerCase()) <= 2,
  );
}
