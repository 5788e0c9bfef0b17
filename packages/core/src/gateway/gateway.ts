import type { Account } from "../call/index.ts";
import { checkInput } from "../input/check-input.ts";
import { id, ids } from "../input/schemas.ts";
import type { CircuitStatus } from "../resilience/circuit-breaker/index.ts";
import type { Catalog } from "../routes/index.ts";
import type { Settings } from "../settings/index.ts";
import type { EventListener, Ledger, Logger, OrchestraEvent } from "../usage/index.ts";
import { Completions } from "./completions.ts";
import { keepConfigs } from "./config-around.ts";
import type { Embeddings } from "./embeddings.ts";
import {
  checkOrchestraOptions,
  requireOneArgument,
  type OrchestraOptions,
} from "./orchestra-options.ts";
import { createParts, type GatewayParts } from "./gateway-parts.ts";
import type { Rerank } from "./rerank.ts";

/** The parts that a gateway shares with an `Orchestra`. Internal: the package does not export it. */
export let partsOf: (gateway: Gateway) => GatewayParts;

/**
 * Model calls as JSON that share one account, one ledger and one log. This class does not load LangChain, so a
 * process starts several hundred milliseconds earlier. An `Orchestra` is a gateway with LangChain's models and
 * agents.
 *
 * @example
 * ```ts
 * const gateway = new Gateway();
 * const { choices } = await gateway.completions.create({
 *   messages: [{ role: "user", content: "Hello" }],
 * });
 * ```
 */
export class Gateway {
  readonly settings: Settings;
  readonly ledger: Ledger;
  readonly logger: Logger;
  /** The models that OpenRouter serves, with their prices. */
  readonly catalog: Catalog;
  /** The OpenRouter account, with its rate limits. */
  readonly account: Account;
  /** Chat completions as JSON, without LangChain's messages. */
  readonly completions: Completions;
  /** Vectors of texts, with OpenRouter's `/embeddings`. */
  readonly embeddings: Embeddings = {
    create: async (request, options = {}) =>
      (await this.#parts.documentEndpoints()).embed(request, options),
  };
  /** Rankings of texts by their relevance to a query, with OpenRouter's `/rerank`. */
  readonly rerank: Rerank = {
    create: async (request, options = {}) =>
      (await this.#parts.documentEndpoints()).rerank(request, options),
  };
  readonly #parts: GatewayParts;

  static {
    partsOf = (gateway) => gateway.#parts;
  }

  /**
   * @param given - Options; or another gateway, to share its account, budgets, ledger and log.
   * @throws {SettingsError} with every problem of the settings at once
   * @throws {ArgumentError} with every problem of the other options
   */
  constructor(given: OrchestraOptions | Gateway = {}) {
    const where = `new ${new.target.name}()`;
    requireOneArgument(arguments, where);
    keepConfigs();
    if (given instanceof Gateway) {
      this.#parts = given.#parts;
    } else {
      checkOrchestraOptions(given, where);
      this.#parts = createParts(given);
    }
    const { settings, ledger, logger, catalog, account, roles } = this.#parts;
    this.settings = settings;
    this.ledger = ledger;
    this.logger = logger;
    this.catalog = catalog;
    this.account = account;
    this.completions = new Completions((agentType, model) => {
      if (model !== undefined) return roles.of(agentType ?? "general", model);
      return agentType === undefined ? roles.general : roles.of(agentType);
    });
  }

  /** The roles of the agents, models and calls that were made so far, and those of `AGENT_MODEL_MAP`. */
  get roles(): readonly string[] {
    return this.#parts.roles.names;
  }

  /** The circuits of the models and servers that were called so far. */
  get circuits(): readonly CircuitStatus[] {
    return this.#parts.services.breakers.states;
  }

  /**
   * Adds roles that calls will use, for packages that extend Orchestra. If a setting names a role that is
   * neither added nor used, the log warns that it is probably misspelt.
   */
  declareRoles(names: readonly string[]): void {
    checkInput(ids, names, "declareRoles()", "names");
    for (const name of names) this.#parts.roles.declare(name);
  }

  /**
   * Resolves when the costs of all requests that were cut off are known. Await it before you read the ledger
   * for the last time.
   */
  flushCosts(): Promise<void> {
    return this.#parts.services.reconciler.flush();
  }

  /**
   * Ends a run with the caller's `run_id` or `runId`: closes its budget and frees its memory. Later
   * calls with the same id belong to a new run. The runtime itself closes the budgets of its runs.
   */
  async endRun(runId: string): Promise<void> {
    checkInput(id, runId, "endRun()", "runId");
    await this.#parts.services.budget?.close("run", runId);
  }

  /**
   * Calls `listener` with the events of all runs, for packages that extend Orchestra. Answers as they arrive
   * (`text-delta`, `object-delta`) are included only if the option `onEvent` is set.
   *
   * @returns a function that removes the listener
   */
  listen(listener: EventListener): () => void {
    const { listeners } = this.#parts;
    listeners.push(listener);
    return () => {
      const index = listeners.indexOf(listener);
      if (index >= 0) listeners.splice(index, 1);
    };
  }

  /** Sends an event to the listeners and the log, for packages that extend Orchestra. */
  emit(event: OrchestraEvent): void {
    this.#parts.services.emit(event);
  }
}
