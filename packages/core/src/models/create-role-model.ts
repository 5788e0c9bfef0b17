import { parseRequestFields } from "../completions/index.ts";
import type { RoleConfig } from "../gateway/role-config.ts";
import type { ClientOptions, RoleOptions } from "../gateway/role-options.ts";
import { checkInput } from "../input/check-input.ts";
import { id } from "../input/schemas.ts";
import type { Settings } from "../settings/index.ts";
import { roleModelOptions, type RoleModelOptions } from "./role-model-options.ts";
import { RoleModel } from "./role-model.ts";

export interface CreateRoleModelOptions {
  readonly config: RoleConfig;
  readonly model: string;
  readonly options: RoleModelOptions;
  readonly settings: Settings;
  /** The model for an `agent_type`; creates the general model. */
  readonly route?: ((agentType: string) => RoleModel) | undefined;
}

/**
 * Checks the caller's options for a role's model.
 *
 * @throws {ArgumentError}
 */
export function checkRoleModelOptions(role: string, options: RoleModelOptions | undefined): void {
  checkInput(id, role, "modelFor()", "role");
  // Without options, the schema that checks them is not created.
  if (options === undefined) return;
  checkInput(roleModelOptions, options, `modelFor("${role}")`);
  if (options.request) parseRequestFields(options.request, `modelFor("${role}")`);
}

/** Options that `createRoleConfig()` reads. They are not passed to LangChain. */
const readByConfig: ReadonlySet<string> = new Set<keyof (RoleOptions & ClientOptions)>([
  "model",
  "request",
  "timeouts",
  "priority",
  "maxRetries",
  "timeout",
  "apiKey",
  "openAIApiKey",
  "configuration",
]);

/** A role's model: the role's configuration for its calls, and LangChain's part of its options. */
export function createRoleModel({
  config,
  model,
  options,
  settings,
  route,
}: CreateRoleModelOptions): RoleModel {
  const ofLangChain = Object.entries(options).filter(
    ([name, value]) => !readByConfig.has(name) && value !== undefined,
  );
  return new RoleModel({
    ...Object.fromEntries(ofLangChain),
    model,
    // The route sends the key. A chat model that is inspected or serialized does not show it.
    apiKey: "none",
    maxRetries: 0,
    configuration: { baseURL: settings.baseUrl, organization: null, project: null },
    config,
    route,
  });
}
