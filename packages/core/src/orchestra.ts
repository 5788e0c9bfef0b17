import { AsyncLocalStorage } from "node:async_hooks";
import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { AIMessageChunk } from "@langchain/core/messages";
import { ensureConfig } from "@langchain/core/runnables";
import { AsyncLocalStorageProviderSingleton } from "@langchain/core/singletons";
import { LRUCache } from "lru-cache";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { z } from "zod";
import { Agent } from "./agents/agent.ts";
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
import {
  Account,
  choosePolicies,
  createServices,
  type CallServices,
  type Policy,
} from "./call/index.ts";
import { systemClock } from "./clock/index.ts";
import { checkTools, requireDistinctNames } from "./completions/index.ts";
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
import { UnknownRoles } from "./unknown-roles.ts";

export type { AgentOptions, OrchestraOptions } from "./orchestra-options.ts";

const maxCatalogWaitMs = 3000;
/** Source: https://openrouter.ai/docs/api-reference/list-available-models */
const documentModels = "/models?output_modalities=embeddings,rerank";
/** Limits the role models in memory: callers of a server choose the names of roles. */
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
  readonly #unknownRoles: UnknownRoles;
  /** The models for embeddings and ranking, which OpenRouter lists only when asked for them. */
  readonly #documentCatalog: Catalog;
  #endpoints: ReturnType<typeof createDocumentEndpoints> | undefined;

  /**
   * @throws {SettingsError} with every problem of the settings at once
   * @throws {ArgumentError} with every problem of the other options
   */
  constructor(options: OrchestraOptions = {}) {
    checkOrchestraOptions(options);
    // As LangGraph does: calls in a lambda belong to its run, also where it does not pass its config on.
    AsyncLocalStorageProviderSingleton.initializeGlobalInstance(new AsyncLocalStorage());
    this.settings = resolveSettings(options.settings, options.environment);
    const redact = createRedactor(this.settings);
    this.logger = options.logger ?? createDefaultLogger({ level: this.settings.logLevel, redact });
    for (const warning of settingsWarnings(options.environment)) this.#warn(warning);
    for (const warning of requestWarnings(this.settings)) this.#warn(warning);
    this.#unknownRoles = new UnknownRoles(this.settings);
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
    const emit = createEmitEvent(this.#listeners, (error) =>
      this.#warn("A listener threw an error, which is ignored", { error: messageOf(error) }),
    );
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
    const catalogOptions = { api, timeoutMs, clock, maxBytes: settings.maxCatalogBytes };
    this.catalog = new Catalog(catalogOptions);
    this.#documentCatalog = new Catalog({ ...catalogOptions, path: documentModels });
    this.model = this.#createModel("general", {}, (agentType) => this.modelFor(agentType));
    this.completions = new Completions((agentType, model) => {
      if (model !== undefined) return this.#modelOf(agentType ?? "general", model);
      return agentType === undefined ? this.model : this.modelFor(agentType);
    });
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
    this.#unknownRoles.markKnown(role);
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
    const role = toRole(given, "agent()");
    checkOptions(agentOptions, options, "agent()");
    const { tools = [], model } = options;
    const where = `agent() of the role "${role.name}"`;
    checkTools(tools, where);
    requireDistinctNames([...role.tools, ...tools], where);
    this.#unknownRoles.markKnown(role.name);
    this.#roles.add(role.name);
    const { name, maxTokens, temperature, request, timeouts, priority } = role;
    const own = this.#createModel(name, {
      model: model ?? entryOf(this.settings.agentModels, name) ?? role.model,
      request: mergeRequestFields({ max_tokens: maxTokens, temperature }, request ?? {}),
      timeouts,
      priority,
    });
    return new Agent({ ...role, tools: [...role.tools, ...tools] }, own, this.#services);
  }

  /** The roles of the agents and models that were made so far, and those of `AGENT_MODEL_MAP`. */
  get roles(): readonly string[] {
    const ofModels = [...this.#models.values()].map(({ role }) => role);
    return [...new Set([...this.#roles, ...ofModels, ...Object.keys(this.settings.agentModels)])];
  }

  /** The circuits of the models and servers that were called so far. */
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

  /**
   * Resolves when the costs of all requests that were cut off are known. Await it before you read the ledger
   * for the last time.
   */
  flushCosts(): Promise<void> {
    return this.#services.reconciler.flush();
  }

  /**
   * Ends a run that the caller has named by `run_id` or `runId`: closes its budget and frees its memory. Later
   * calls with the same id belong to a new run. The runtime itself closes the budgets of its runs.
   */
  async endRun(runId: string): Promise<void> {
    checkInput(id, runId, "endRun()", "runId");
    await this.#services.budget?.close("run", runId);
  }

  /**
   * Calls `listener` with the events of all runs, for packages that add to Orchestra. Answers as they arrive
   * (`text-delta`, `object-delta`) are among them only where the option `onEvent` is set.
   *
   * @returns a function that removes the listener
   */
  listen(listener: EventListener): () => void {
    this.#listeners.push(listener);
    return () => {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    };
  }

  /** Sends an event to the listeners and the log, for packages that add to Orchestra. */
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
    if (!this.#unknownRoles.isEmpty) {
      listeners.push((event) => {
        if (event.type === "call-end") this.#unknownRoles.report((message) => this.#warn(message));
      });
    }
    if (onCall) {
      listeners.push((event) => (event.type === "call-end" ? onCall(event.record) : undefined));
    }
    return onEvent ? [...listeners, onEvent] : listeners;
  }

  /** A role's model with another model id, as a request names it. */
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
    const ownRequest = entryOf(settings.agentRequests, role) ?? {};
    return createRoleModel({
      role,
      model: options.model ?? entryOf(settings.agentModels, role) ?? settings.defaultModel,
      options: { ...options, request: mergeRequestFields(request ?? {}, ownRequest) },
      settings,
      catalog,
      services: this.#services,
      policies: this.#policies,
      fetch: this.#fetch,
      route,
    });
  }

  /** A log that fails must not fail the call that it reports on. */
  #warn(message: string, fields?: object): void {
    try {
      const written: unknown = this.logger.warn(message, fields);
      if (written instanceof Promise) written.catch(() => undefined);
    } catch {
      // There is no other place to report it to.
    }
  }
}

/** The entry of a role in a setting. A role may be named like a method of objects, such as `constructor`. */
function entryOf<T>(entries: Readonly<Record<string, T>>, role: string): T | undefined {
  return Object.hasOwn(entries, role) ? entries[role] : undefined;
}
