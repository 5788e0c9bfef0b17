import {
  openStream,
  sendCompletion,
  type ChatRequest,
  type Endpoint,
  type ResponseLimits,
} from "../completions/index.ts";
import { registerSecretHeaders } from "../errors/index.ts";
import { adaptHistory } from "./adapt-history.ts";
import { RouteMemory } from "./route-memory.ts";
import type { AdaptContext, ModelInfo, Route } from "./route.ts";

/** How an API is reached. */
export interface EndpointOptions {
  /** Root of the API. */
  readonly baseUrl: string;
  /** Query of every request. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Bearer token; without one no `Authorization` is sent. */
  readonly apiKey?: string | undefined;
  readonly defaultHeaders: Readonly<Record<string, string>>;
  readonly fetch?: typeof fetch | undefined;
  /** @defaultValue `defaultLimits` */
  readonly limits?: ResponseLimits | undefined;
}

export interface HttpRouteOptions
  extends
    EndpointOptions,
    Pick<
      Route,
      | "model"
      | "via"
      | "provider"
      | "countsAgainstAccount"
      | "streamUpstream"
      | "gatewayModels"
      | "gatewayFallbacks"
      | "weight"
      | "headers"
      | "modelInfo"
      | "otherModelInfo"
      | "cachedModelInfo"
    > {
  /** Fields that the provider understands beyond OpenAI's; all others of OpenRouter's are left out. */
  readonly takesOpenRouterFields: boolean;
  /** Request fields that replace the call's own. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
}

/** Request fields that only OpenRouter understands. */
const openRouterFields = new Set(
  "provider models plugins reasoning session_id trace cache_control transforms route usage debug image_config top_a".split(
    " ",
  ),
);

/** A route to an OpenAI-compatible endpoint. */
export function httpRoute(options: HttpRouteOptions): Route {
  const { baseUrl, query, apiKey, defaultHeaders, fetch, limits, ...rest } = options;
  const { takesOpenRouterFields, overrides, ...route } = rest;
  const api = { baseUrl, query, apiKey, defaultHeaders, fetch, limits };
  const endpoint = endpointOf("/chat/completions", api);
  const memory = new RouteMemory();
  /** Entries of the catalog are cached. If the catalog fails, nothing is cached, and the next call tries again. */
  let loaded: ModelInfo | undefined;
  const modelInfo = async (target = 0) => {
    if (target > 0) return route.modelInfo(target);
    if (loaded) return loaded;
    const info = await route.modelInfo();
    if (info.contextLength !== undefined) loaded = info;
    return info;
  };
  const bestMethod = (info: ModelInfo) => memory.methodFor(info.structuredOutputMethod);
  const adapt = (request: ChatRequest, { isFallback, runId }: AdaptContext): ChatRequest => {
    const fields = takesOpenRouterFields
      ? { session_id: runId, ...request }
      : withoutOpenRouterFields(request);
    let { messages } = request;
    let hasState = isFallback;
    for (const message of messages) if ("asked_model" in message) hasState = true;
    if (hasState) messages = adaptHistory(messages, { model: route.model, isFallback });
    const fitted: ChatRequest = { ...fields, messages, model: route.model, ...overrides };
    // OpenAI's reasoning models and others refuse a temperature; their catalog entry does not list it.
    const known = fitted.temperature == null ? undefined : loaded?.supportedParameters;
    if (known && known.size > 0 && !known.has("temperature")) memory.leaveOut("temperature");
    return memory.isEmpty ? fitted : memory.fit(fitted);
  };
  return {
    ...route,
    memory,
    adapt,
    modelInfo,
    cachedModelInfo: (target = 0) =>
      (target === 0 ? loaded : undefined) ?? route.cachedModelInfo(target),
    structuredOutputMethod: () =>
      loaded && memory.isEmpty ? loaded.structuredOutputMethod : modelInfo().then(bestMethod),
    sendCompletion: (sent) =>
      sendCompletion(endpoint, memory.refusesStreams ? { ...sent, streamUpstream: false } : sent),
    openStream: (sent) => openStream(endpoint, sent),
  };
}

/** The URL, key and headers of requests to one path of an API. */
export function endpointOf(
  path: string,
  { baseUrl, query, apiKey, defaultHeaders, fetch, limits }: EndpointOptions,
): Endpoint {
  const search = query ? `?${new URLSearchParams(query).toString()}` : "";
  const headers = {
    accept: "application/json",
    "content-type": "application/json",
    ...(apiKey ? { authorization: `Bearer ${apiKey}` } : {}),
    ...inLowerCase(defaultHeaders),
  };
  registerSecretHeaders(headers);
  return { url: `${baseUrl}${path}${search}`, headers, fetch, limits };
}

function withoutOpenRouterFields(request: ChatRequest): ChatRequest {
  const fields = Object.entries(request).filter(([field]) => !openRouterFields.has(field));
  return Object.fromEntries(fields) as unknown as ChatRequest;
}

function inLowerCase(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
