import { documentedNames, fieldWarnings } from "../completions/request/field-warnings.ts";
import type { Settings } from "./settings.ts";
import { variables } from "./variables.ts";

/** Probable mistakes in the request fields of the settings. */
export function requestWarnings({
  provider,
  agentRequests,
}: Pick<Settings, "provider" | "agentRequests">): string[] {
  return [
    ...fieldWarnings(provider, variables.provider.variable, documentedNames["provider"]),
    ...Object.entries(agentRequests).flatMap(([role, fields]) =>
      fieldWarnings(fields, `${variables.agentRequests.variable}.${role}`),
    ),
  ];
}
