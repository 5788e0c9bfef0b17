import { randomUUID } from "node:crypto";
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
  Admission,
  Catalog,
  openRouterCandidate,
  portkeyFallback,
  portkeyGatewayRoute,
  portkeyPrimary,
  Reconciler,
  RoleModel,
  type CallServices,
  type ModelRequest,
  type RoleModelCallOptions,
} from "./models/index.ts";
import { Coalescer } from "./resilience/coalesce/index.ts";
import { LatencyTracker } from "./resilience/hedge/index.ts";
import { Budget, type BudgetStore } from "./resilience/budget/index.ts";
import { CircuitBreakers } from "./resilience/circuit-breaker/index.ts";
import type { RateLimiter } from "./resilience/rate-limiter/index.ts";
import type { RetryPolicy } from "./resilience/index.ts";
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
  /** @defaultValue the global `fetch` */
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
  readonly #reconciler: Reconciler;
  readonly #fetch: typeof fetch | undefined;
  readonly #models = new Map<string, RoleModel>();
  readonly #roles = new Set(["researcher", "validator", "executor"]);
  #hasCalled = false;

  /** @throws {SettingsError} with every problem at once */
  constructor(options: OrchestraOptions = {}) {
    this.settings = resolveSettings(options.settings, options.environment);
    const redact = createRedactor(this.settings);
    this.logger = options.logger ?? createLogger({ level: this.settings.logLevel, redact });
    this.#fetch = options.fetch;
    this.#reconciler = new Reconciler({
      baseUrl: this.settings.baseUrl,
      apiKey: this.settings.openRouterApiKey,
      clock: options.clock ?? systemClock,
      fetch: options.fetch,
    });
    this.account = new Account({
      settings: this.settings,
      clock: options.clock ?? systemClock,
      fetch: options.fetch,
      limiter: options.rateLimiter,
    });
    this.#services = {
      clock: options.clock ?? systemClock,
      random: options.random ?? Math.random,
      createId: randomUUID,
      onEvent: (event) => {
        logEvent(this.logger, event);
        options.onEvent?.(event);
      },
      record: (record) => {
        this.#warnOfUnknownRoles();
        this.ledger.add(record);
        options.onCall?.(record);
      },
      keepsContent: this.settings.logPrompts,
      takeOver: {
        allowsPaid: this.settings.allowPaidFallback,
        allowsRefused: this.settings.fallbackOnRefusal,
      },
      traceId: this.settings.traceId,
      admission: this.#createAdmission(options),
      breakers: this.#createBreakers(options.clock),
      maxAttempts: this.settings.callMaxAttempts,
      reconciler: this.#reconciler,
      correct: (correction) => this.ledger.correct(correction),
      latencies: new LatencyTracker(),
      hedgeAfterMs: this.settings.hedgeAfterMs,
      coalescer: this.settings.coalesce ? new Coalescer() : undefined,
    };
    this.catalog = new Catalog({
      baseUrl: this.settings.baseUrl,
      headers: this.settings.openRouterApiKey
        ? { Authorization: `Bearer ${this.settings.openRouterApiKey}` }
        : {},
      timeoutMs: Math.min(3000, this.settings.requestTimeoutMs),
      fetch: options.fetch,
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
    return new Agent({ ...role, tools: [...role.tools, ...tools] }, bound, this.#services);
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
    return this.#reconciler.settled();
  }

  /** The role's model over ChatOpenAI, with the retries and the fallbacks that the settings ask for. */
  #createModel(role: string, options: RoleModelOptions): RoleModel {
    const { settings, catalog } = this;
    const request: ModelRequest = {
      model: options.model ?? this.#modelIdOf(role) ?? settings.defaultModel,
      maxTokens: options.maxTokens ?? defaultMaxTokens,
      temperature: options.temperature,
      fetch: this.#fetch,
    };
    const createPrimary = {
      openrouter: openRouterCandidate,
      portkey: settings.portkeyMode === "gateway" ? portkeyGatewayRoute : portkeyPrimary,
    }[settings.preferredProvider];
    const primary = createPrimary(settings, catalog, request);
    const isLeftToGateway = createPrimary === portkeyGatewayRoute;
    const fallbacks = (isLeftToGateway ? [] : settings.fallbacks).map((entry) =>
      portkeyFallback(settings, catalog, request, entry),
    );
    return new RoleModel({
      role,
      candidates: [primary],
      timeouts: {
        attemptMs: settings.requestTimeoutMs,
        firstTokenMs: settings.firstTokenTimeoutMs,
        stallMs: settings.stallTimeoutMs,
        callMs: settings.callTimeoutMs,
      },
      maxRestarts: settings.streamRestarts,
      services: this.#services,
    })
      .withRetry(retryPolicy(settings))
      .withFallbacks(fallbacks).model;
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

  #createAdmission({ clock = systemClock, budgetStore }: OrchestraOptions): Admission {
    const { settings } = this;
    const limits = {
      call: { maxUsd: settings.budgetUsdPerCall, maxTokens: settings.budgetTokensPerCall },
      run: { maxUsd: settings.budgetUsdPerRun, maxTokens: settings.budgetTokensPerRun },
      day: { maxUsd: settings.budgetUsdPerDay, maxTokens: settings.budgetTokensPerDay },
    };
    const needsPrices = Object.values(limits).some(({ maxUsd }) => maxUsd !== undefined);
    const needsBudget =
      needsPrices || Object.values(limits).some(({ maxTokens }) => maxTokens !== undefined);
    return new Admission({
      account: this.account,
      budget: needsBudget ? new Budget({ limits, clock, store: budgetStore }) : undefined,
      needsPrices,
      countsTokens: settings.tokensPerMinute !== undefined,
    });
  }

  #createBreakers(clock: Clock | undefined): CircuitBreakers {
    return new CircuitBreakers({
      clock,
      cooldownMs: this.settings.circuitCooldownMs,
      onStateChange: ({ key: route, from, to, cooldownMs }) =>
        this.#services.onEvent({ type: "circuit", route, from, to, cooldownMs }),
    });
  }

  #modelIdOf(role: string): string | undefined {
    return Object.hasOwn(this.settings.agentModels, role)
      ? this.settings.agentModels[role]
      : undefined;
  }
}

function retryPolicy(settings: Settings): RetryPolicy {
  return {
    maxAttempts: settings.maxRetries + 1,
    initialIntervalMs: settings.retryDelayMs,
    maxIntervalMs: settings.retryMaxDelayMs,
    backoffFactor: 2,
    retryOn: new Set(settings.retryableErrors),
  };
}
