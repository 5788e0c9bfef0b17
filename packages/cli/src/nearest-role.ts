import leven from "leven";
import type { Settings } from "@orchestra/core";

export const builtInRoles = ["researcher", "validator", "executor"] as const;

/** Names that are shorter are near to too many others. */
const minLength = 5;

/**
 * The roles that settings can have something for: those of Orchestra, those that the settings name, and
 * those of a config's agents.
 */
export function knownRoles(
  { agentModels, agentRequests }: RoleSettings,
  ofAgents: readonly string[] = [],
): readonly string[] {
  const ofSettings = [...Object.keys(agentModels), ...Object.keys(agentRequests)];
  return [...new Set([...builtInRoles, ...ofSettings, ...ofAgents])];
}

type RoleSettings = Pick<Settings, "agentModels" | "agentRequests">;

/** The role that a misspelt name most likely means; `undefined` for a known one, and for one of its own. */
export function nearestRole(
  role: string,
  settings: RoleSettings,
  ofAgents: readonly string[] = [],
): string | undefined {
  const known = knownRoles(settings, ofAgents);
  if (known.includes(role)) return undefined;
  return known.find(
    (name) => name.length >= minLength && leven(role.toLowerCase(), name.toLowerCase()) <= 2,
  );
}

/** A sentence for each role of the settings whose name is most likely another's, misspelt. */
export function misspeltRoles(
  { agentModels, agentRequests }: RoleSettings,
  ofAgents: readonly string[] = [],
): string[] {
  const maps = { AGENT_MODEL_MAP: agentModels, AGENT_REQUEST_MAP: agentRequests };
  const named = new Set(Object.values(maps).flatMap((map) => Object.keys(map)));
  return [...named].flatMap((role) => {
    const near = nearestRole(role, { agentModels: {}, agentRequests: {} }, ofAgents);
    if (near === undefined) return [];
    const holders = Object.entries(maps).filter(([, map]) => Object.hasOwn(map, role));
    const variables = holders.map(([variable]) => variable).join(" and ");
    const verb = holders.length > 1 ? "have" : "has";
    return [`${variables} ${verb} the role "${role}". Did you mean ${near}?`];
  });
}
