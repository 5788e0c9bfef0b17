import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { AIMessageChunk } from "@langchain/core/messages";
import { ensureConfig } from "@langchain/core/runnables";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { z } from "zod";
import { Agent } from "./agents/agent.ts";
import { agentOptions, type AgentOptions } from "./agents/agent-options.ts";
import { toRole } from "./agents/define-role.ts";
import type { RoleDefinition } from "./agents/role-definition.ts";
import {
  executor,
  researcher,
  validator,
  type Deliverable,
  type ExecutorOptions,
  type Findings,
  type ResearcherOptions,
  type ResearchTask,
  type Review,
  type ValidatorOptions,
} from "./agents/roles/index.ts";
import type { Role } from "./agents/role.ts";
import { checkTools, requireDistinctNames } from "./completions/schemas/index.ts";
import { entryOf, modelOf } from "./gateway/create-role-config.ts";
import { Gateway, partsOf } from "./gateway/gateway.ts";
import { mergeRequestFields } from "./gateway/call-options.ts";
import { requireOneArgument, type OrchestraOptions } from "./gateway/orchestra-options.ts";
import type { RoleConfig } from "./gateway/role-config.ts";
import { checkInput, checkOptions } from "./input/check-input.ts";
import { object } from "./input/schemas.ts";
import {
  checkRoleModelOptions,
  createRoleModel,
  type RoleModel,
  type RoleModelCallOptions,
  type RoleModelOptions,
} from "./models/index.ts";

/**
 * Settings, role models and agents that share one account, one ledger and one log.
 *
 * @example
 * ```ts
 * const orchestra = new Orchestra();
 * const answer = await orchestra.chat("Hello", { agent_type: "researcher" });
 * ```
 */
export class Orchestra extends Gateway {
  /** The general model: `OPENROUTER_DEFAULT_MODEL`, or the model of the `agent_type` in `configurable`. */
  readonly model: RoleModel;
  readonly #models = new WeakMap<RoleConfig, RoleModel>();

  /**
   * @param given - Options; or a gateway, to share its account, budgets, ledger and log.
   * @throws {SettingsError} with every problem of the settings at once
   * @throws {ArgumentError} with every problem of the other options
   */
  constructor(given: OrchestraOptions | Gateway = {}) {
    requireOneArgument(arguments, "new Orchestra()");
    super(given);
    const { general } = partsOf(this).roles;
    this.model = this.#createModel(general, {}, (agentType) => this.modelFor(agentType));
  }

  /**
   * The model of a role, from `AGENT_MODEL_MAP`; for a role without an entry, `OPENROUTER_DEFAULT_MODEL`.
   *
   * @param options - Every option of `ChatOpenAI`, and Orchestra's own.
   * @throws {ArgumentError} for invalid options, before anything is sent
   */
  modelFor(role: string, options?: RoleModelOptions): RoleModel {
    checkRoleModelOptions(role, options);
    const { roles } = partsOf(this);
    if (options && Object.keys(options).length > 0) {
      return this.#createModel(roles.with(role, options), options);
    }
    const config = roles.of(role);
    let model = this.#models.get(config);
    if (!model) this.#models.set(config, (model = this.#createModel(config, {})));
    return model;
  }

  /**
   * One answer of the general model, or of the model of `agent_type`.
   *
   * @throws {CallFailedError} when retries and fallbacks are used up
   */
  chat(
    messages: BaseLanguageModelInput,
    options?: Partial<RoleModelCallOptions> & { readonly agent_type?: string },
  ): Promise<AIMessageChunk> {
    // Without options, the schema that checks them is not created.
    if (options === undefined) return this.model.invoke(messages);
    checkInput(object, options, "chat()");
    const { agent_type, ...rest } = options;
    if (agent_type === undefined) return this.model.invoke(messages, rest);
    const { configurable } = ensureConfig(rest);
    return this.model.invoke(messages, { ...rest, configurable: { ...configurable, agent_type } });
  }

  /**
   * Binds a role to its model.
   *
   * @param role - The result of `defineRole()`, or its parameter.
   * @throws {ArgumentError} for a value that is not a role, and for invalid options
   *
   * @example
   * ```ts
   * const poet = orchestra.agent({ name: "poet", system: "You write haiku." });
   * console.log(await poet.invoke("Autumn"));
   * ```
   */
  agent<Input, Output>(role: Role<Input, Output>, options?: AgentOptions): Agent<Input, Output>;
  agent<
    Input extends StandardSchemaV1 = z.ZodString,
    Answer extends StandardSchemaV1 = z.ZodString,
    Output = StandardSchemaV1.InferOutput<Answer>,
  >(
    role: RoleDefinition<Input, Answer, Output>,
    options?: AgentOptions,
  ): Agent<StandardSchemaV1.InferInput<Input>, Output>;
  agent(
    given: Role | RoleDefinition<StandardSchemaV1, StandardSchemaV1>,
    options: AgentOptions = {},
  ): Agent {
    const role = toRole(given, "agent()");
    checkOptions(agentOptions, options, "agent()");
    const { tools = [], model } = options;
    const where = `agent() of the role "${role.name}"`;
    checkTools(tools, where);
    requireDistinctNames([...role.tools, ...tools], where);
    const { roles, services } = partsOf(this);
    const { name, maxTokens, temperature, request, timeouts, priority } = role;
    roles.declare(name);
    const own = {
      model: model ?? entryOf(this.settings.agentModels, name) ?? role.model,
      request: mergeRequestFields({ max_tokens: maxTokens, temperature }, request ?? {}),
      timeouts,
      priority,
    };
    const bound = this.#createModel(roles.with(name, own), own);
    return new Agent({ ...role, tools: [...role.tools, ...tools] }, bound, services);
  }

  researcher(options?: ResearcherOptions): Agent<ResearchTask, Findings> {
    return this.agent(researcher(options));
  }

  validator(options?: ValidatorOptions): Agent<Findings, Review> {
    return this.agent(validator(options));
  }

  executor(options?: ExecutorOptions): Agent<Review, Deliverable> {
    return this.agent(executor(options));
  }

  #createModel(
    config: RoleConfig,
    options: RoleModelOptions,
    route?: (agentType: string) => RoleModel,
  ): RoleModel {
    const { settings } = this;
    const model = modelOf(config.plan.role, options.model, settings);
    return createRoleModel({ config, model, options, settings, route });
  }
}
