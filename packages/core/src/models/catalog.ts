import type { AnswerMethod } from "./answer-method.ts";
import type { Abilities } from "./candidate.ts";

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
  #loaded: ReadonlyMap<string, CatalogModel> = new Map();

  constructor(options: CatalogOptions) {
    this.#options = options;
  }

  /** A model by its id, with or without a variant such as `:free`; `undefined` if it is not listed. */
  async find(id: string): Promise<CatalogModel | undefined> {
    const models = await this.list();
    return models.get(id) ?? models.get(withoutVariant(id));
  }

  /** What a model can do and costs; what the catalog does not say is as `otherwise` has it. */
  async abilities(id: string, otherwise: AnswerMethod): Promise<Abilities> {
    await this.list();
    return this.known(id, otherwise);
  }

  /** The same, from what has been loaded so far. */
  known(id: string, otherwise: AnswerMethod): Abilities {
    const model = this.#loaded.get(id) ?? this.#loaded.get(withoutVariant(id));
    return {
      answerMethod: methodFor(model?.supportedParameters) ?? otherwise,
      isFree: id.endsWith(":free") || (model?.promptUsd === 0 && model.completionUsd === 0),
      contextLength: model?.contextLength,
      promptUsd: model?.promptUsd,
      completionUsd: model?.completionUsd,
    };
  }

  async list(): Promise<ReadonlyMap<string, CatalogModel>> {
    // Unknown abilities have sane defaults; the call itself will tell what is wrong with the server.
    this.#models ??= this.#load().catch(() => new Map<string, CatalogModel>());
    this.#loaded = await this.#models;
    return this.#loaded;
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

/** `openai/gpt-4o:nitro` is `openai/gpt-4o`, routed otherwise. */
function withoutVariant(id: string): string {
  return id.replace(/:[a-z]+$/, "");
}

function methodFor(parameters: ReadonlySet<string> | undefined): AnswerMethod | undefined {
  if (!parameters) return undefined;
  if (parameters.has("structured_outputs")) return "jsonSchema";
  return parameters.has("tools") ? "functionCalling" : "jsonMode";
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
