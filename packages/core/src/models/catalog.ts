import type { AnswerMethod } from "./answer-method.ts";

/** What the catalog says of a model. */
export interface CatalogModel {
  readonly id: string;
  /** Tokens, prompt and answer together. */
  readonly contextLength?: number | undefined;
  /** Names of the request parameters that the model takes; unknown on servers that are not OpenRouter. */
  readonly supportedParameters?: ReadonlySet<string> | undefined;
  /** US dollars for a token of the prompt, and of the answer. */
  readonly promptUsd?: number | undefined;
  readonly completionUsd?: number | undefined;
}

export interface CatalogOptions {
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for the catalog, in milliseconds. */
  readonly timeoutMs: number;
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/**
 * The models that OpenRouter serves, with their abilities and prices; asked for once, when first
 * needed. A server without a catalog leaves everything unknown.
 *
 * Source: `GET /models`, https://openrouter.ai/docs/api-reference/list-available-models
 */
export class Catalog {
  readonly #options: CatalogOptions;
  #models: Promise<ReadonlyMap<string, CatalogModel>> | undefined;

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** A model by its id, with or without a variant such as `:free`; `undefined` if it is not listed. */
  async find(id: string): Promise<CatalogModel | undefined> {
    const models = await this.list();
    return models.get(id) ?? models.get(id.replace(/:[a-z]+$/, ""));
  }

  /** How to ask a model for an answer in the shape of a schema; `undefined` if the catalog does not know. */
  async answerMethod(id: string): Promise<AnswerMethod | undefined> {
    const parameters = (await this.find(id))?.supportedParameters;
    if (!parameters) return undefined;
    if (parameters.has("structured_outputs")) return "jsonSchema";
    return parameters.has("tools") ? "functionCalling" : "jsonMode";
  }

  async list(): Promise<ReadonlyMap<string, CatalogModel>> {
    // Unknown abilities have sane defaults; the call itself will tell what is wrong with the server.
    this.#models ??= this.#load().catch(() => new Map<string, CatalogModel>());
    return this.#models;
  }

  async #load(): Promise<ReadonlyMap<string, CatalogModel>> {
    const { baseUrl, headers, timeoutMs, fetch: get = fetch } = this.#options;
    const response = await get(`${baseUrl}/models`, {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (!response.ok) {
      await response.body?.cancel();
      return new Map();
    }
    const { data } = (await response.json()) as { data?: unknown };
    const models = Array.isArray(data) ? data.flatMap((entry) => readModel(entry) ?? []) : [];
    return new Map(models.map((model) => [model.id, model]));
  }
}

function readModel(entry: unknown): CatalogModel | undefined {
  const { id, context_length, supported_parameters, pricing } = (entry ?? {}) as {
    id?: unknown;
    context_length?: unknown;
    supported_parameters?: unknown;
    pricing?: { prompt?: unknown; completion?: unknown };
  };
  if (typeof id !== "string") return undefined;
  return {
    id,
    contextLength: typeof context_length === "number" ? context_length : undefined,
    supportedParameters: Array.isArray(supported_parameters)
      ? new Set(supported_parameters.map(String))
      : undefined,
    promptUsd: price(pricing?.prompt),
    completionUsd: price(pricing?.completion),
  };
}

function price(value: unknown): number | undefined {
  const number = Number(value);
  return value === undefined || Number.isNaN(number) ? undefined : number;
}
