import { isOpenRouter, type FallbackEntry, type Settings } from "../settings/index.ts";
import type { Catalog } from "./catalog.ts";
import { httpRoute } from "./http-route.ts";
import type { RouteOptions } from "./openrouter.ts";
import { portkeyGatewayUrl, portkeyHeaders } from "./portkey-sdk.ts";
import { responseLimits } from "./response-limits.ts";
import type { Route } from "./route.ts";

type Options = Omit<RouteOptions, "baseUrl" | "apiKey">;

/** A role's own model, requested through Portkey (`PREFERRED_LLM_PROVIDER=portkey`). */
export function portkeyPrimary(settings: Settings, catalog: Catalog, options: Options): Route {
  return portkeyRoute(settings, catalog, options, primaryEntry(settings, options));
}

function primaryEntry(settings: Settings, { model }: Options): FallbackEntry {
  const isElsewhere = !isOpenRouter(settings.baseUrl);
  return {
    // Portkey's own adapter for OpenRouter knows only OpenRouter's address.
    provider: isElsewhere ? "openai" : "openrouter",
    model,
    ...(isElsewhere ? { custom_host: settings.baseUrl } : {}),
    ...(settings.openRouterApiKey ? { api_key: settings.openRouterApiKey } : {}),
  };
}

/** One entry of `PORTKEY_FALLBACKS`. */
export function portkeyFallback(
  settings: Settings,
  catalog: Catalog,
  options: Omit<Options, "model">,
  entry: FallbackEntry,
): Route {
  return portkeyRoute(settings, catalog, { ...options, model: entry.model }, entry);
}

/**
 * A role's own model and all its fallbacks as one Portkey config, for the gateway to fall back by
 * itself (`PORTKEY_MODE=gateway`). The gateway checks only HTTP statuses. Its answers are checked here
 * as all others, and the whole request is retried.
 *
 * Source: https://portkey.ai/docs/api-reference/inference-api/config-object
 */
export function portkeyGatewayRoute(
  settings: Settings,
  catalog: Catalog,
  { model, headers, fetch }: Options,
): Route {
  const primary = primaryEntry(settings, { model });
  const isFree = (id: string) => catalog.cachedModelInfo(id, "jsonSchema").isFree;
  // The gateway does not know which models are free.
  const fallbacks =
    isFree(model) && !settings.allowPaidFallback
      ? settings.fallbacks.filter((entry) => isFree(openRouterId(entry)))
      : settings.fallbacks;
  const entries = [primary, ...fallbacks];
  const models = [model, ...fallbacks.map(openRouterId)];
  const idOf = (index: number) => models[index] ?? model;
  const config = {
    strategy: { mode: "fallback", on_status_codes: fallbackStatuses },
    targets: entries.map((entry) => target(settings, entry)),
    // One silent target must not take the time of all: the gateway's own limit is per target.
    request_timeout: Math.ceil(settings.requestTimeoutMs / entries.length),
  };
  const routing = portkeyHeaders({
    apiKey: settings.portkeyApiKey,
    config,
    forwardHeaders: Object.keys(settings.headers),
  });
  return httpRoute({
    model,
    via: "portkey",
    provider: primary.provider,
    countsAgainstAccount: true,
    streamUpstream: false,
    takesOpenRouterFields: true,
    baseUrl: settings.portkeyGatewayUrl ?? portkeyGatewayUrl(),
    apiKey: gatewayBearer(settings),
    defaultHeaders: { ...settings.headers, ...headers, ...routing },
    fetch,
    limits: responseLimits(settings),
    gatewayModels: models,
    gatewayFallbacks: stateOf(fallbacks.length, settings.fallbacks.length),
    modelInfo: (index = 0) => catalog.modelInfo(idOf(index), "jsonSchema"),
    cachedModelInfo: (index = 0) => catalog.cachedModelInfo(idOf(index), "jsonSchema"),
    headers: (traceId) => portkeyHeaders({ traceID: traceId }),
  });
}

function stateOf(used: number, all: number): Route["gatewayFallbacks"] {
  if (used < all) return "withheld";
  return used > 0 ? "gateway" : undefined;
}

/** Statuses of Cloudflare, which is in front of many servers. Anthropic uses 529 too. */
const cloudflareStatuses = [520, 521, 522, 523, 524, 525, 526, 527, 529, 530];

/** Not 400, 401, 403: another model would refuse the same, or hide the user's mistake. */
const fallbackStatuses = [
  402,
  404,
  408,
  409,
  424,
  425,
  429,
  499,
  500,
  502,
  503,
  504,
  ...cloudflareStatuses,
];

/** An entry as a target of Portkey's config. */
function target(settings: Settings, entry: FallbackEntry): Record<string, unknown> {
  const { provider, model, weight: _, virtual_key, api_key, override_params, ...rest } = entry;
  const vaultKey = virtual_key ?? (api_key ? undefined : settings.virtualKey);
  const bearer = api_key ?? ownKey(settings, entry) ?? (vaultKey ? undefined : noKey);
  return {
    ...rest,
    provider,
    ...(vaultKey ? { virtual_key: vaultKey } : {}),
    ...(bearer ? { api_key: bearer } : {}),
    forward_headers: Object.keys(settings.headers),
    override_params: { ...override_params, model },
  };
}

/** The gateway refuses a target that has neither kind of key, even if its server needs none. */
const noKey = "none";

function portkeyRoute(
  settings: Settings,
  catalog: Catalog,
  { headers, fetch }: Options,
  entry: FallbackEntry,
): Route {
  const isCatalogName = entry.provider.startsWith("@");
  const model = isCatalogName ? `${entry.provider}/${entry.model}` : entry.model;
  const routing = portkeyHeaders({
    apiKey: settings.portkeyApiKey,
    provider: isCatalogName ? undefined : entry.provider,
    virtualKey: entry.virtual_key ?? (entry.api_key ? undefined : settings.virtualKey),
    customHost: entry.custom_host,
    // The gateway sets its own name in attribution headers, unless this header makes it forward them.
    forwardHeaders: Object.keys(settings.headers),
  });
  const isOpenRouterEntry = entry.provider === "openrouter";
  const isSameServer = entry.custom_host === settings.baseUrl;
  return httpRoute({
    model,
    via: "portkey",
    provider: entry.provider,
    countsAgainstAccount: isOpenRouterEntry || isSameServer,
    // The gateway changes streams: it hides errors in mid-stream and closes cut streams cleanly.
    streamUpstream: false,
    takesOpenRouterFields: isOpenRouterEntry || isSameServer,
    weight: entry.weight,
    baseUrl: settings.portkeyGatewayUrl ?? portkeyGatewayUrl(),
    apiKey: entry.api_key ?? ownKey(settings, entry) ?? gatewayBearer(settings),
    defaultHeaders: { ...settings.headers, ...headers, ...routing },
    fetch,
    limits: responseLimits(settings),
    overrides: entry.override_params,
    modelInfo: () => catalog.modelInfo(openRouterId(entry), guessMethod(entry)),
    cachedModelInfo: () => catalog.cachedModelInfo(openRouterId(entry), guessMethod(entry)),
    headers: (traceId) => portkeyHeaders({ traceID: traceId }),
  });
}

/** OpenRouter's key is sent only to OpenRouter. */
function ownKey(settings: Settings, entry: FallbackEntry): string | undefined {
  const isOpenRouterEntry = entry.provider === "openrouter" && !entry.custom_host;
  const isInVault = entry.virtual_key || settings.virtualKey;
  return isOpenRouterEntry && !isInVault ? settings.openRouterApiKey : undefined;
}

/**
 * Portkey's hosted gateway takes its own key as the bearer where the provider's is in its vault. A
 * self-hosted gateway would hand it on to the provider.
 */
function gatewayBearer(settings: Settings): string | undefined {
  return settings.portkeyGatewayUrl ? undefined : settings.portkeyApiKey;
}

/** OpenRouter's catalog also has the features of a model that another gateway serves. */
function openRouterId({ provider, model }: FallbackEntry): string {
  return provider === "openrouter" ? model : `${provider}/${model}`;
}

function guessMethod({ provider }: FallbackEntry): "jsonSchema" | "functionCalling" {
  return provider === "openai" || provider === "azure-openai" ? "jsonSchema" : "functionCalling";
}
