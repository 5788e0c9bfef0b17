import { AsyncLocalStorage } from "node:async_hooks";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { AIMessageChunk } from "@langchain/core/messages";
import { ensureConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { LRUCache } from "lru-cache";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { z } from "zod";
import { Agent } from "./agents/agent.ts";
import { roleSchema } from "./agents/check-role.ts";
import { defineRole } from "./agents/define-role.ts";
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
import {
  Account,
  choosePolicies,
  createServices,
  type CallServices,
  type Policy,
} from "./call/index.ts";
import { systemClock } from "./clock/index.ts";
import { checkTools, requireDistinctNames, type RequestFields } from "./completions/index.ts";
import { messageOf } from "./errors/message-of.ts";
import { checkInput, checkOptions } from "./input/check-input.ts";
import { id, object } from "./input/schemas.ts";
import {
  checkRoleModelOptions,
  Completions,
  createRoleModel,
  mergeRequestFields,
  type Embeddings,
  type Rerank,
  type RoleModel,
  type RoleModelCallOptions,
  type RoleModelOptions,
} from "./models/index.ts";
import {
  agentOptions,
  checkOrchestraOptions,
  type AgentOptions,
  type OrchestraOptions,
} from "./orchestra-options.ts";
import type { createDocumentEndpoints } from "./models/document-endpoints.ts";
import type { CircuitStatus } from "./resilience/circuit-breaker/index.ts";
import { Catalog, nearestModels, OpenRouterApi } from "./routes/index.ts";
import {
  createRedactor,
  requestWarnings,
  resolveSettings,
  settingsWarnings,
  type Settings,
} from "./settings/index.ts";
import {
  createDefaultLogger,
  createEmitEvent,
  Ledger,
  logEvent,
  silentLogger,
  type EventListener,
  type Logger,
  type OrchestraEvent,
} from "./usage/index.ts";

export type { AgentOptions, OrchestraOptions } from "./orchestra-options.ts";

const maxCatalogWaitMs = 3000;
/** Source: https://openrouter.ai/docs/api-reference/list-available-models */
const documentModels = "/models?output_modalities=embeddings,rerank";
/** Role models that are kept: over a network, callers choose the names of roles. */
const maxRoleModels = 1000;

/**
 * Settings, role models and agents that share one account, one ledger and one log.
 *
 * @example
 * ```ts
 * const orchestra = new Orchestra();
 * const answer = await orchestra.chat("Hello", { agent_type: "researcher" });
 * ```
 */
export class Orchestra {
  readonly settings: Settings;
  readonly ledger = new Ledger();
  readonly logger: Logger;
  /** The models that OpenRouter serves, with their prices. */
  readonly catalog: Catalog;
  /** The OpenRouter account, with its rate limits. */
  readonly account: Account;
  /** The general model: `OPENROUTER_DEFAULT_MODEL`, or the model of the `agent_type` in `configurable`. */
  readonly model: RoleModel;
  /** Chat completions as JSON, without LangChain's messages. */
  readonly completions: Completions;
  /** Vectors of texts, by OpenRouter's `/embeddings`. */
  readonly embeddings: Embeddings = {
    create: async (request, options = {}) =>
      (await this.#documentEndpoints()).embed(request, options),
  };
  /** Rankings of texts by their relevance to a query, by OpenRouter's `/rerank`. */
  readonly rerank: Rerank = {
    create: async (request, options = {}) =>
      (await this.#documentEndpoints()).rerank(request, options),
  };
  readonly #services: CallServices;
  readonly #listeners: EventListener[];
  readonly #policies: readonly Policy[];
  readonly #fetch: typeof fetch | undefined;
  readonly #models = new LRUCache<string, RoleModel>({ max: maxRoleModels });
  readonly #roles = new Set<string>();
  /** Names with settings of their own that no agent has, and for which no model was asked, so far. */
  readonly #namesWithoutRole: Set<string>;
  #hasCalled = false;
  /** The models that do not chat, which OpenRouter lists when they are asked for. */
  readonly #documentCatalog: Catalog;
  #endpoints: ReturnType<typeof createDocumentEndpoints> | undefined;

  /**
   * @throws {SettingsError} with every problem of the settings at once
   * @throws {ArgumentError} with every problem of the other options
   */
  constructor(options: OrchestraOptions = {}) {
    checkOrchestraOptions(options);
    // As LangGraph does: calls in a lambda belong to its run, where its config is not passed on.
    AsyncLocalStorageProviderSingleton.initializeGlobalInstance(new AsyncLocalStorage());
    this.settings = resolveSettings(options.settings, options.environment);
    const redact = createRedactor(this.settings);
    this.logger = options.logger ?? createDefaultLogger({ level: this.settings.logLevel, redact });
    for (const warning of settingsWarnings(options.environment)) this.#warn(warning);
    for (const warning of requestWarnings(this.settings)) this.#warn(warning);
    this.#namesWithoutRole = namesWithoutRole(this.settings);
    this.#fetch = options.fetch;
    this.#policies = choosePolicies(options.policies, (message) => this.#warn(message));
    const { settings } = this;
    const { clock = systemClock, random, fetch, rateLimiter, budgetStore } = options;
    const { baseUrl, openRouterApiKey: apiKey } = settings;
    const api = new OpenRouterApi({ baseUrl, apiKey, clock, fetch });
    this.account = new Account({
      settings,
      clock,
      api,
      limiter: rateLimiter,
      freeLimiter: options.freeModelRateLimiter,
      onError: (error) => this.#warn(error.message),
    });
    this.#listeners = this.#listenersOf(options);
    const emit = createEmitEvent(this.#listeners, (error) => this.#warnOfListener(error));
    this.#services = createServices({
      settings,
      account: this.account,
      api,
      clock,
      random,
      budgetStore,
      emit,
      emitsText: options.onEvent !== undefined,
      onError: (error) => this.#warn(String(error)),
      nearestModels: async (id, isDocumentModel) => {
        const models = await (isDocumentModel ? this.#documentCatalog : this.catalog).list();
        return nearestModels(id, models.keys());
      },
    });
    const timeoutMs = Math.min(maxCatalogWaitMs, settings.requestTimeoutMs);
    const ofCatalogs = { api, timeoutMs, clock, maxBytes: settings.maxCatalogBytes };
    this.catalog = new Catalog(ofCatalogs);
    this.#documentCatalog = new Catalog({ ...ofCatalogs, path: documentModels });
    this.model = this.#createModel("general", {}, (agentType) => this.modelFor(agentType));
    this.completions = new Completions((agentType, model) =>
      model === undefined
        ? agentType === undefined
          ? this.model
          : this.modelFor(agentType)
        : this.#modelOf(agentType ?? "general", model),
    );
  }

  /**
   * The model of a role, from `AGENT_MODEL_MAP`; of a role without an entry, `OPENROUTER_DEFAULT_MODEL`.
   *
   * @param options - Every option of `ChatOpenAI`, and Orchestra's own.
   * @throws {ArgumentError} for options that cannot work, before anything is sent
   */
  modelFor(role: string, options?: RoleModelOptions): RoleModel {
    let model = options === undefined ? this.#models.get(role) : undefined;
    if (model) return model;
    checkRoleModelOptions(role, options);
    this.#namesWithoutRole.delete(role);
    if (options && Object.keys(options).length > 0) return this.#createModel(role, options);
    model = this.#models.get(role) ?? this.#createModel(role, {});
    this.#models.set(role, model);
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
    // Without options, the schema that checks them is not built.
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
   * @param role - What `defineRole()` returns, or takes.
   * @throws {ArgumentError} for a value that is not a role, and for options that cannot work
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
    const role = isDefinition(given) ? defineRole(given) : given;
    checkInput(roleSchema, role, "agent()", "role");
    checkOptions(agentOptions, options, "agent()");
    const { tools = [], model } = options;
    const where = `agent() of the role "${role.name}"`;
    checkTools(tools, where);
    requireDistinctNames([...role.tools, ...tools], where);
    this.#namesWithoutRole.delete(role.name);
    this.#roles.add(role.name);
    const { name, maxTokens, temperature, request, timeouts, priority } = role;
    const own = this.#createModel(name, {
      model: model ?? this.#modelIdOf(name) ?? role.model,
      request: mergeRequestFields({ max_tokens: maxTokens, temperature }, request ?? {}),
      timeouts,
      priority,
    });
    return new Agent({ ...role, tools: [...role.tools, ...tools] }, own, this.#services);
  }

  /** The roles so far: those of its agents and of the models it was asked for, and those of `AGENT_MODEL_MAP`. */
  get roles(): readonly string[] {
    const ofModels = [...this.#models.values()].map(({ role }) => role);
    return [...new Set([...this.#roles, ...ofModels, ...Object.keys(this.settings.agentModels)])];
  }

  /** The circuits of the models and servers that were asked so far. */
  get circuits(): readonly CircuitStatus[] {
    return this.#services.breakers.states;
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

  /** Resolves when the cost of all requests that were cut off is known; await it before you read the ledger for the last time. */
  flushCosts(): Promise<void> {
    return this.#services.reconciler.flush();
  }

  /**
   * Ends a run that the caller has named by `run_id` or `runId`: its budget is closed, and the memory of it
   * freed. Later calls of the same name belong to a new run. A run of the runtime has its budget for as long
   * as the runtime keeps the run.
   */
  async endRun(runId: string): Promise<void> {
    checkInput(id, runId, "endRun()", "runId");
    await this.#services.budget?.close("run", runId);
  }

  /**
   * Receives the events of all runs from now on, for packages that add to Orchestra. Texts of answers as they
   * arrive are among them only where the option `onEvent` asks for them.
   *
   * @returns a function that ends it
   */
  listen(listener: EventListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /** Hands an event to the listeners and the log: for packages that add to Orchestra. */
  emit(event: OrchestraEvent): void {
    this.#services.emit(event);
  }

  async #documentEndpoints() {
    if (this.#endpoints) return this.#endpoints;
    const { createDocumentEndpoints } = await import("./models/document-endpoints.ts");
    this.#endpoints ??= createDocumentEndpoints({
      settings: this.settings,
      services: this.#services,
      policies: this.#policies,
      catalog: this.#documentCatalog,
      fetch: this.#fetch,
    });
    return this.#endpoints;
  }

  /** Who receives every event, in this order. */
  #listenersOf({ onCall, onEvent }: OrchestraOptions): EventListener[] {
    const listeners: EventListener[] = [this.ledger.listen];
    if (this.logger !== silentLogger) {
      listeners.push((event) => logEvent(this.logger, event));
    }
    const { agentModels, agentRequests } = this.settings;
    if (Object.keys({ ...agentModels, ...agentRequests }).length > 0) {
      listeners.push((event) => {
        if (event.type === "call-end") this.#warnOfUnknownRoles();
      });
    }
    if (onCall) {
      listeners.push((event) => (event.type === "call-end" ? onCall(event.record) : undefined));
    }
    return onEvent ? [...listeners, onEvent] : listeners;
  }

  /** A role's model with another model id, as a request names it; kept by both. */
  #modelOf(role: string, id: string): RoleModel {
    const key = JSON.stringify([role, id]);
    let model = this.#models.get(key);
    if (!model) this.#models.set(key, (model = this.#createModel(role, { model: id })));
    return model;
  }

  #createModel(
    role: string,
    { request, ...options }: RoleModelOptions,
    route?: (agentType: string) => RoleModel,
  ): RoleModel {
    const { settings, catalog } = this;
    return createRoleModel({
      role,
      model: options.model ?? this.#modelIdOf(role) ?? settings.defaultModel,
      options: { ...options, request: mergeRequestFields(request ?? {}, this.#requestOf(role)) },
      settings,
      catalog,
      services: this.#services,
      policies: this.#policies,
      fetch: this.#fetch,
      route,
    });
  }

  /** Roles are defined as the program runs: what the first call finds is all there is to know. */
  #warnOfUnknownRoles(): void {
    if (this.#hasCalled) return;
    this.#hasCalled = true;
    const { agentModels, agentRequests } = this.settings;
    for (const [variable, entries] of Object.entries({
      AGENT_MODEL_MAP: agentModels,
      AGENT_REQUEST_MAP: agentRequests,
    })) {
      for (const role of Object.keys(entries)) {
        if (!this.#namesWithoutRole.has(role)) continue;
        this.#warn(
          `${variable} has an entry for "${role}", and this program has made no agent of that name. The entry applies only to calls with that agent_type.`,
        );
      }
    }
  }

  #warnOfListener(error: unknown): void {
    this.#warn("A listener threw an error, which is ignored", { error: messageOf(error) });
  }

  /** A log that fails must not fail what it is told of. */
  #warn(message: string, fields?: object): void {
    try {
      const written: unknown = this.logger.warn(message, fields);
      if (written instanceof Promise) written.catch(() => undefined);
    } catch {
      // There is no other place to report it to.
    }
  }

  #modelIdOf(role: string): string | undefined {
    const { agentModels } = this.settings;
    return Object.hasOwn(agentModels, role) ? agentModels[role] : undefined;
  }

  #requestOf(role: string): RequestFields {
    const { agentRequests } = this.settings;
    return Object.hasOwn(agentRequests, role) ? (agentRequests[role] ?? {}) : {};
  }
}

function namesWithoutRole({ agentModels, agentRequests }: Settings): Set<string> {
  const names = new Set(Object.keys({ ...agentModels, ...agentRequests }));
  for (const name of ["researcher", "validator", "executor"]) names.delete(name);
  return names;
}

/** Whether a role is not through `defineRole()` yet, which fills in what is left out. */
function isDefinition(
  role: Role | RoleDefinition<StandardSchemaV1, StandardSchemaV1>,
): role is RoleDefinition<StandardSchemaV1, StandardSchemaV1> {
  if (typeof role !== "object" || role === null) return false;
  return "output" in role || !("maxToolCalls" in role && "input" in role && "prompt" in role);
}
