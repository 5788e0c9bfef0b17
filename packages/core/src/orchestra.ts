import type { BaseLanguageModelInput } from "@langchain/core/language_models/base";
import type { AIMessageChunk } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { Agent } from "./agents/agent.ts";
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
import { systemClock, type Clock } from "./clock/index.ts";
import {
  Account,
  Catalog,
  createRoleModel,
  createServices,
  type CallServices,
  type RoleModel,
  type RoleModelCallOptions,
} from "./models/index.ts";
import type { BudgetStore } from "./resilience/budget/index.ts";
import type { RateLimiter } from "./resilience/rate-limiter/index.ts";
import {
  createRedactor,
  resolveSettings,
  type Environment,
  type Settings,
  type SettingsOptions,
} from "./settings/index.ts";
import {
  createLogger,
  Ledger,
  logEvent,
  silentLogger,
  type CallRecord,
  type EventListener,
  type Logger,
} from "./usage/index.ts";

export interface OrchestraOptions {
  /** Settings given in code; each wins over its environment variable. */
  readonly settings?: SettingsOptions;
  /** @defaultValue `process.env` */
  readonly environment?: Environment;
  /** @defaultValue a winston logger on standard error at `LOG_LEVEL` */
  readonly logger?: Logger;
  /** Hears what happens in every run. */
  readonly onEvent?: EventListener;
  /** Receives the record of every model call. */
  readonly onCall?: (record: CallRecord) => void;
  /** @defaultValue undici, with the connections of the global `fetch` */
  readonly fetch?: typeof fetch;
  /** Paces the account's requests. @defaultValue one in memory, for this process alone */
  readonly rateLimiter?: RateLimiter;
  /** Keeps what budgets have spent. @defaultValue one in memory, for this process alone */
  readonly budgetStore?: BudgetStore;
  /** @defaultValue the machine's */
  readonly clock?: Clock;
  /** Uniform in [0, 1). @defaultValue `Math.random` */
  readonly random?: () => number;
}

/** What a role may bring to its model. */
export interface RoleModelOptions {
  /** @defaultValue `AGENT_MODEL_MAP`, else `OPENROUTER_DEFAULT_MODEL` */
  readonly model?: string | undefined;
  /** Most tokens of one answer, sent as `max_tokens` with every request. @defaultValue `4096` */
  readonly maxTokens?: number | undefined;
  /** @defaultValue the provider's */
  readonly temperature?: number | undefined;
}

export interface AgentOptions<Input, Answer, Output> {
  /** Tools beside those of the role. */
  readonly tools?: readonly StructuredToolInterface[];
  readonly model?: Role<Input, Answer, Output>["model"];
}

const defaultMaxTokens = 4096;
const longestCatalogWaitMs = 3000;

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
  readonly catalog: Catalog;
  /** The OpenRouter account, with its pace. */
  readonly account: Account;
  /** The general model: `OPENROUTER_DEFAULT_MODEL`, or the model of the `agent_type` in `configurable`. */
  readonly model: RoleModel;
  readonly #services: CallServices;
  readonly #fetch: typeof fetch | undefined;
  readonly #models = new Map<string, RoleModel>();
  readonly #roles = new Set(["researcher", "validator", "executor"]);
  #hasCalled = false;

  /** @throws {SettingsError} with every problem at once */
  constructor(options: OrchestraOptions = {}) {
    this.settings = resolveSettings(options.settings, options.environment);
    this.logger = options.logger ?? loggerFor(this.settings);
    this.#fetch = options.fetch;
    const { settings } = this;
    const { clock = systemClock, random, fetch, rateLimiter, budgetStore } = options;
    this.account = new Account({ settings, clock, fetch, limiter: rateLimiter });
    this.#services = createServices({
      settings,
      account: this.account,
      clock,
      random,
      fetch,
      budgetStore,
      onEvent: (event) => {
        logEvent(this.logger, event);
        options.onEvent?.(event);
      },
      record: (record) => {
        this.#warnOfUnknownRoles();
        this.ledger.add(record);
        options.onCall?.(record);
      },
      correct: (correction) => this.ledger.correct(correction),
    });
    const { baseUrl, openRouterApiKey: key, requestTimeoutMs } = settings;
    this.catalog = new Catalog({
      baseUrl,
      headers: key ? { Authorization: `Bearer ${key}` } : {},
      timeoutMs: Math.min(longestCatalogWaitMs, requestTimeoutMs),
      fetch,
    });
    this.model = this.#createModel("general", {}).with({
      route: (agentType) => this.modelFor(agentType),
    });
  }

  /** The model of a role, from `AGENT_MODEL_MAP`; of a role that no one maps, `OPENROUTER_DEFAULT_MODEL`. */
  modelFor(role: string, options: RoleModelOptions = {}): RoleModel {
    const key = JSON.stringify([role, options.model, options.maxTokens, options.temperature]);
    let model = this.#models.get(key);
    if (!model) this.#models.set(key, (model = this.#createModel(role, options)));
    return model;
  }

  /** One answer of the general model, or of the model of `agent_type`. */
  chat(
    messages: BaseLanguageModelInput,
    options: Partial<RoleModelCallOptions> & { readonly agent_type?: string } = {},
  ): Promise<AIMessageChunk> {
    const { agent_type, configurable, ...rest } = options;
    return this.model.invoke(messages, {
      ...rest,
      configurable: { ...configurable, ...(agent_type === undefined ? {} : { agent_type }) },
    });
  }

  /** Binds a role to its model. */
  agent<Input, Answer, Output>(
    role: Role<Input, Answer, Output>,
    { tools = [], model }: AgentOptions<Input, Answer, Output> = {},
  ): Agent<Input, Answer, Output> {
    this.#roles.add(role.name);
    const bound = this.modelFor(role.name, {
      model: model ?? this.#modelIdOf(role.name) ?? role.model,
      maxTokens: role.maxTokens,
      temperature: role.temperature,
    });
    const { priority } = role;
    const timeouts = { ...bound.fields.timeouts, ...role.timeouts };
    const own = bound.with({ timeouts, priority });
    return new Agent({ ...role, tools: [...role.tools, ...tools] }, own, this.#services);
  }

  researcher(options?: ResearcherOptions): Agent<ResearchTask, unknown, Findings> {
    return this.agent(researcher(options) as Role<ResearchTask, unknown, Findings>);
  }

  validator(options?: ValidatorOptions): Agent<Findings, unknown, Review> {
    return this.agent(validator(options) as Role<Findings, unknown, Review>);
  }

  executor(options?: ExecutorOptions): Agent<Review, unknown, Deliverable> {
    return this.agent(executor(options) as Role<Review, unknown, Deliverable>);
  }

  /** Resolves when all is known of what requests cost that were cut off; await it before reading the ledger for good. */
  settled(): Promise<void> {
    return this.#services.reconciler.settled();
  }

  #createModel(role: string, options: RoleModelOptions): RoleModel {
    const { settings, catalog } = this;
    const request = {
      model: options.model ?? this.#modelIdOf(role) ?? settings.defaultModel,
      maxTokens: options.maxTokens ?? defaultMaxTokens,
      temperature: options.temperature,
      fetch: this.#fetch,
    };
    return createRoleModel({ role, request, settings, catalog, services: this.#services });
  }

  /** Roles are defined as the program goes, so that what the first call finds is all there is to know. */
  #warnOfUnknownRoles(): void {
    if (this.#hasCalled) return;
    this.#hasCalled = true;
    for (const role of Object.keys(this.settings.agentModels)) {
      if (this.#roles.has(role)) continue;
      this.logger.warn(
        `AGENT_MODEL_MAP gives a model to "${role}", which no role is called; it serves only calls with that agent_type`,
      );
    }
  }

  #modelIdOf(role: string): string | undefined {
    return Object.hasOwn(this.settings.agentModels, role)
      ? this.settings.agentModels[role]
      : undefined;
  }
}

function loggerFor(settings: Settings): Logger {
  const { logLevel: level } = settings;
  return level === "silent"
    ? silentLogger
    : createLogger({ level, redact: createRedactor(settings) });
}
