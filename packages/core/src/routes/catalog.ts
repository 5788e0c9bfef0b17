import type { Clock } from "../clock/index.ts";
import { ArgumentError, ModelError } from "../errors/index.ts";
import type { StructuredOutputMethod } from "../completions/index.ts";
import type { OpenRouterApi } from "./openrouter-api.ts";
import type { ModelInfo } from "./route.ts";

/** The catalog's data of a model. */
export interface CatalogModel {
  readonly id: string;
  /** Tokens, prompt and answer together. */
  readonly contextLength?: number | undefined;
  /** Names of the request parameters that the model takes; unknown on servers that are not OpenRouter. */
  readonly supportedParameters?: ReadonlySet<string> | undefined;
  /** US dollars for a token of the prompt, and of the answer. Absent where unknown, as for `openrouter/auto`. */
  readonly promptUsd?: number | undefined;
  readonly completionUsd?: number | undefined;
  /** US dollars for a request, in addition to its tokens. */
  readonly requestUsd?: number | undefined;
}

export interface CatalogOptions {
  readonly api: OpenRouterApi;
  /** Longest wait for the catalog, in milliseconds. */
  readonly timeoutMs: number;
  /** Maximum size of the catalog, in bytes. */
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Kind of models to request. @defaultValue those for chat */
  readonly path?: string | undefined;
}

const maxModels = 20_000;
/** Of one model. */
const maxParameters = 200;

/** If the answer has no list of models, it is requested again after this time. */
const retryAfterMs = 60_000;
/** A catalog that could not be loaded is requested again sooner, after twice the time with each failure. */
const firstRetryAfterMs = 1000;

/**
 * The models that OpenRouter serves, with their features and prices; requested once, when first
 * needed, and again after a failure. A server without a catalog leaves everything unknown.
 *
 * Source: `GET /models`, https://openrouter.ai/docs/api-reference/list-available-models
 */
export class Catalog {
  readonly #options: CatalogOptions;
  #models: Promise<ReadonlyMap<string, CatalogModel>> | undefined;
  #loaded: ReadonlyMap<string, CatalogModel> = new Map();
  #retryAt = Infinity;
  /** Failures to reach it, since it was last reached. */
  #failures = 0;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** Features and price of a model; fields that the catalog does not have are those of `otherwise`. */
  async modelInfo(id: string, otherwise: StructuredOutputMethod): Promise<ModelInfo> {
    await this.list();
    return this.cachedModelInfo(id, otherwise);
  }

  /** The same, from what has been loaded so far. */
  cachedModelInfo(id: string, otherwise: StructuredOutputMethod): ModelInfo {
    const model = findModel(this.#loaded, id);
    return {
      structuredOutputMethod: methodFor(model?.supportedParameters) ?? otherwise,
      isFree:
        id.endsWith(":free") ||
        (model?.promptUsd === 0 && model.completionUsd === 0 && !model.requestUsd),
      contextLength: model?.contextLength,
      supportedParameters: model?.supportedParameters,
      promptUsd: model?.promptUsd,
      completionUsd: model?.completionUsd,
      requestUsd: model?.requestUsd,
      ...(this.#failures > 0 ? { isMissing: true } : {}),
      ...(model === undefined && this.#loaded.size > 0 ? { isUnlisted: true } : {}),
    };
  }

  /** The models that were loaded so far; empty before. */
  get loaded(): ReadonlyMap<string, CatalogModel> {
    return this.#loaded;
  }

  async list(): Promise<ReadonlyMap<string, CatalogModel>> {
    // Unknown features have safe defaults; the call itself reports problems of the server.
    const { clock } = this.#options;
    if (clock.now() >= this.#retryAt) this.#models = undefined;
    this.#models ??= this.#load().catch((error: unknown) => {
      const isAnswer = ArgumentError.isInstance(error) || isInvalidAnswer(error);
      const waitMs = isAnswer ? retryAfterMs : firstRetryAfterMs * 2 ** this.#failures;
      this.#failures = isAnswer ? 0 : this.#failures + 1;
      this.#retryAt = clock.now() + Math.min(waitMs, retryAfterMs);
      return new Map<string, CatalogModel>();
    });
    this.#loaded = await this.#models;
    return this.#loaded;
  }

  async #load(): Promise<ReadonlyMap<string, CatalogModel>> {
    this.#retryAt = Infinity;
    const { api, timeoutMs, maxBytes, path = "/models" } = this.#options;
    const { status, body } = await api.get(path, {
      timeoutMs,
      maxBytes,
      setting: "LLM_MAX_CATALOG_BYTES",
    });
    if (status >= 500 || status === 429) throw new Error(`GET ${path}: HTTP ${status}`);
    const models = readCatalog(body);
    this.#failures = 0;
    return models;
  }
}

function isInvalidAnswer(error: unknown): boolean {
  return ModelError.isInstance(error) && error.kind === "invalid_response_error";
}

/**
 * The models in the body of `GET /models`, by their ids.
 *
 * @throws {ArgumentError} for a body that is not a list of models
 */
export function readCatalog(body: unknown): ReadonlyMap<string, CatalogModel> {
  const { data } = (body ?? {}) as { data?: unknown };
  if (!Array.isArray(data))
    throw new ArgumentError(
      `readCatalog(): body is not a list of models: expected { "data": […] }, as GET /models answers`,
    );
  const models = data.slice(0, maxModels).flatMap((entry) => readModel(entry) ?? []);
  return new Map(models.map((model) => [model.id, model]));
}

/**
 * A model of a catalog, by its id or the id of one of its variants: `openai/gpt-4o:nitro` and
 * `openai/gpt-4o@preset/tidy` are `openai/gpt-4o`.
 */
export function findModel(
  models: ReadonlyMap<string, CatalogModel>,
  id: string,
): CatalogModel | undefined {
  if (!(models instanceof Map)) {
    throw ArgumentError.of(
      "findModel(): models",
      models,
      "a map of models, such as orchestra.catalog.list() resolves to",
    );
  }
  if (typeof id !== "string") throw ArgumentError.of("findModel(): id", id, "a model's id");
  return models.get(id) ?? models.get(withoutVariant(id));
}

/** `openai/gpt-4o:nitro` and `openai/gpt-4o@preset/tidy` are `openai/gpt-4o`, routed otherwise. */
function withoutVariant(id: string): string {
  return id.replace(/@preset\/.*$/, "").replace(/:[a-z]+$/, "");
}

function methodFor(
  parameters: ReadonlySet<string> | undefined,
): StructuredOutputMethod | undefined {
  if (!parameters) return undefined;
  if (parameters.has("structured_outputs")) return "jsonSchema";
  return parameters.has("tools") ? "functionCalling" : "jsonMode";
}

function readModel(entry: unknown): CatalogModel | undefined {
  const { id, context_length, supported_parameters, pricing } = (entry ?? {}) as {
    id?: unknown;
    context_length?: unknown;
    supported_parameters?: unknown;
    pricing?: { prompt?: unknown; completion?: unknown; request?: unknown };
  };
  if (typeof id !== "string") return undefined;
  return {
    id,
    contextLength: typeof context_length === "number" ? context_length : undefined,
    supportedParameters: Array.isArray(supported_parameters)
      ? new Set(supported_parameters.slice(0, maxParameters).map(String))
      : undefined,
    promptUsd: price(pricing?.prompt),
    completionUsd: price(pricing?.completion),
    requestUsd: price(pricing?.request),
  };
}

/**
 * `undefined` for a value that is not a number of 0 or more: a model without a price is not free. OpenRouter has -1
 * for routers such as `openrouter/auto`, whose price is that of the model that they choose.
 */
function price(value: unknown): number | undefined {
  const isNumber = typeof value === "number" || (typeof value === "string" && value.trim() !== "");
  const number = isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
