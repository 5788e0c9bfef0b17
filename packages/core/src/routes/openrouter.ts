import type { StructuredOutputMethod } from "../completions/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Catalog } from "./catalog.ts";
import { httpRoute } from "./http-route.ts";
import { responseLimits } from "./response-limits.ts";
import type { Route } from "./route.ts";

/** A role's settings for its route, of any kind. */
export interface RouteOptions {
  readonly model: string;
  /** Root of another API than the settings'. */
  readonly baseUrl?: string | undefined;
  readonly apiKey?: string | undefined;
  /** Query of every request. */
  readonly query?: Readonly<Record<string, string>> | undefined;
  /** Headers of every request, in addition to those of the settings. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** A model at OpenRouter, or at the OpenAI-compatible server of `OPENROUTER_BASE_URL`. */
export function openRouterRoute(
  settings: Settings,
  catalog: Catalog,
  { model, baseUrl, apiKey, query, headers, fetch }: RouteOptions,
): Route {
  return httpRoute({
    model,
    via: "openrouter",
    countsAgainstAccount: true,
    streamUpstream: true,
    takesOpenRouterFields: true,
    baseUrl: baseUrl ?? settings.baseUrl,
    apiKey: apiKey ?? settings.openRouterApiKey,
    query,
    defaultHeaders: { ...settings.headers, ...headers },
    fetch,
    limits: responseLimits(settings),
    modelInfo: () => catalog.modelInfo(model, guessMethod(model)),
    otherModelInfo: (other) => catalog.modelInfo(other, guessMethod(other)),
    cachedModelInfo: () => catalog.cachedModelInfo(model, guessMethod(model)),
  });
}

/** OpenAI's models before GPT-4o know no schemas; of all others that no catalog lists, most do. */
function guessMethod(model: string): StructuredOutputMethod {
  return /^(openai\/)?gpt-(3|4-|4$)/.test(model) ? "functionCalling" : "jsonSchema";
}
