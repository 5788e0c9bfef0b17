import leven from "leven";
import type { Settings } from "@orchestra/core";

export const builtInRoles = ["researcher", "validator", "executor"] as const;

/** Shorter names are not suggested: too many words differ from them in two letters or less. */
const minLength = 5;

/** The known roles: the built-in ones, those that the settings name, and those of the config's agents. */
export function knownRoles(
  { agentModels, agentRequests }: RoleSettings,
  ofAgents: readonly string[] = [],
): readonly string[] {
  const ofSettings = [...Object.keys(agentModels), ...Object.keys(agentRequests)];
  return [...new Set([...builtInRoles, ...ofSettings, ...ofAgents])];
}

type RoleSettings = Pick<Settings, "agentModels" | "agentRequests">;

/**
 * The known role that a misspelt name most likely means.
 *
 * @returns `undefined` for the name of a known role, and for a name that is near to none
 */
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

/** A warning for each role of `AGENT_MODEL_MAP` and `AGENT_REQUEST_MAP` whose name is most likely misspelt. */
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
