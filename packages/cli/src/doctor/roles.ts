import type { Settings } from "@orchestra/core";
import type { ConfigAgent } from "../config/index.ts";

/** The features that a role needs from its model. */
export interface RoleNeeds {
  readonly tools: boolean;
  readonly structuredOutputs: boolean;
}

export interface RoleModelId {
  readonly role: string;
  readonly model: string;
  /** Absent for roles that are not built in: their needs are not known. */
  readonly needs?: RoleNeeds;
}

const builtIn: Readonly<Record<string, RoleNeeds>> = {
  researcher: { tools: true, structuredOutputs: true },
  validator: { tools: false, structuredOutputs: true },
  executor: { tools: false, structuredOutputs: false },
};

/** The built-in roles, those of `AGENT_MODEL_MAP` and those of the config's agents, each with its model. */
export function rolesOf(
  { agentModels, defaultModel }: Settings,
  agents: readonly ConfigAgent[],
): readonly RoleModelId[] {
  const ofAgents = new Map(agents.map(({ role, model }) => [role.name, model?.model]));
  const roles = new Set([...Object.keys(builtIn), ...Object.keys(agentModels), ...ofAgents.keys()]);
  return [...roles].map((role) => {
    const needs = builtIn[role];
    const model = ofAgents.get(role) ?? agentModels[role] ?? defaultModel;
    return { role, model, ...(needs ? { needs } : {}) };
  });
}
