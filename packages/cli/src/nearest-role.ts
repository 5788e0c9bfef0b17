import leven from "leven";
import type { Settings } from "@orchestra/core";

export const builtInRoles = ["researcher", "validator", "executor"] as const;

/** Names that are shorter are near to too many others. */
const minLength = 5;

/** The roles that settings can have something for: those of Orchestra, and those that the settings name. */
export function knownRoles({ agentModels, agentRequests }: RoleSettings): readonly string[] {
  return [
    ...new Set([...builtInRoles, ...Object.keys(agentModels), ...Object.keys(agentRequests)]),
  ];
}

type RoleSettings = Pick<Settings, "agentModels" | "agentRequests">;

/** The role that a misspelt name most likely means; `undefined` for a known one, and for one of its own. */
export function nearestRole(role: string, settings: RoleSettings): string | undefined {
  const known = knownRoles(settings);
  if (known.includes(role)) return undefined;
  return known.find(
    (name) => name.length >= minLength && leven(role.toLowerCase(), name.toLowerCase()) <= 2,
  );
}
