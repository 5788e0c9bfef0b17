import type { Settings } from "@orchestra/core";

/** What the answers of a role need of its model. */
export interface RoleNeeds {
  readonly tools: boolean;
  readonly structuredOutputs: boolean;
}

export interface RoleModelId {
  readonly role: string;
  readonly model: string;
  /** Unknown for roles that the user's program defines. */
  readonly needs?: RoleNeeds;
}

const builtIn: Readonly<Record<string, RoleNeeds>> = {
  researcher: { tools: true, structuredOutputs: true },
  validator: { tools: false, structuredOutputs: true },
  executor: { tools: false, structuredOutputs: false },
};

/** The three roles and those that `AGENT_MODEL_MAP` names, with the models that they get. */
export function rolesOf({ agentModels, defaultModel }: Settings): readonly RoleModelId[] {
  const roles = new Set([...Object.keys(builtIn), ...Object.keys(agentModels)]);
  return [...roles].map((role) => {
    const needs = builtIn[role];
    const model = agentModels[role] ?? defaultModel;
    return { role, model, ...(needs ? { needs } : {}) };
  });
}
