import {
  OpenRouterApi,
  systemClock,
  type ApiAnswer,
  type InspectedSettings,
  type Settings,
} from "@orchestra/core/gateway";
import { describeFailure, type RequestFailure } from "./request-failure.ts";
import { once } from "./once.ts";

/** The answer to a request, or why there is none. */
export type Reply =
  | (ApiAnswer & {
      readonly failure?: undefined;
      /** When the request was sent and answered, in milliseconds since the epoch. */
      readonly sentAt: number;
      readonly receivedAt: number;
    })
  | { readonly failure: RequestFailure };

/** Output modalities of models that do not chat, as OpenRouter's catalog names them. */
export type DocumentModality = "embeddings" | "rerank";

/**
 * Reads from the API of `OPENROUTER_BASE_URL`: the key, the models. Each document is requested once. After an abort,
 * requests reject with the signal's reason.
 */
export class ApiClient {
  readonly url: string;
  readonly key: () => Promise<Reply>;
  readonly models: () => Promise<Reply>;
  /** The models for embeddings, and those that rerank documents. */
  readonly modelsFor: Readonly<Record<DocumentModality, () => Promise<Reply>>>;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;

  /**
   * A client for the server of these settings.
   *
   * @returns `undefined` if `OPENROUTER_BASE_URL` is invalid: the settings then have the default, and the key may be
   * one of another server
   */
  static of(
    { settings, problems }: Pick<InspectedSettings, "settings" | "problems">,
    timeoutMs: number,
    signal?: AbortSignal,
  ): ApiClient | undefined {
    const isInvalid = problems.some(({ variable }) => variable === "OPENROUTER_BASE_URL");
    return isInvalid ? undefined : new ApiClient(settings, timeoutMs, signal);
  }

  constructor(settings: Settings, timeoutMs: number, signal?: AbortSignal) {
    this.url = settings.baseUrl;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    const { openRouterApiKey: apiKey, maxLookupBytes, maxCatalogBytes } = settings;
    this.key = once(() => this.#get("/key", apiKey, [maxLookupBytes, "LLM_MAX_LOOKUP_BYTES"]));
    const modelsOf = (query: string) =>
      once(() => this.#get(`/models${query}`, apiKey, [maxCatalogBytes, "LLM_MAX_CATALOG_BYTES"]));
    this.models = modelsOf("");
    this.modelsFor = {
      embeddings: modelsOf("?output_modalities=embeddings"),
      rerank: modelsOf("?output_modalities=rerank"),
    };
  }

  /** Returns the first of these base URLs that serves a list of models. No key is sent to them. */
  async findApi(baseUrls: readonly string[]): Promise<string | undefined> {
    const found = baseUrls.map(async (baseUrl) => {
      const reply = await this.#get("/models", undefined, [32 * 2 ** 20], baseUrl);
      return isModelList(reply) ? baseUrl : undefined;
    });
    return (await Promise.all(found)).find((url) => url !== undefined);
  }

  async #get(
    path: string,
    apiKey: string | undefined,
    [maxBytes, setting]: readonly [maxBytes: number, setting?: string],
    baseUrl = this.url,
  ): Promise<Reply> {
    const api = new OpenRouterApi({ baseUrl, apiKey, clock: systemClock });
    const sentAt = Date.now();
    try {
      const answer = await api.get(path, {
        timeoutMs: this.#timeoutMs,
        maxBytes,
        signal: this.#signal,
        ...(setting && { setting }),
      });
      return { ...answer, sentAt, receivedAt: Date.now() };
    } catch (error) {
      this.#signal?.throwIfAborted();
      return { failure: describeFailure(error) };
    }
  }
}

/** Whether a reply to `GET /models` is a list, as OpenAI-compatible APIs return it. */
export function isModelList(reply: Reply): boolean {
  if (reply.failure || reply.status >= 300) return false;
  const { data } = (reply.body ?? {}) as { readonly data?: unknown };
  return Array.isArray(data);
}
