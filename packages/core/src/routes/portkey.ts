import { namesSecret } from "../errors/secret-headers.ts";
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
  const headers = withoutBearer(options.headers ?? {});
  const route = { ...options, headers, model: entry.model };
  return portkeyRoute(forFallbacks(settings), catalog, route, entry);
}

function forFallbacks(settings: Settings): Settings {
  return { ...settings, headers: withoutBearer(settings.headers) };
}

/** Without a bearer token for OpenRouter's server, which would replace the key of a fallback. */
function withoutBearer(headers: Readonly<Record<string, string>>): Record<string, string> {
  const others = Object.entries(headers).filter(([name]) => !/^authorization$/i.test(name));
  return Object.fromEntries(others);
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
    targets: [
      target(settings, primary),
      ...fallbacks.map((entry) => target(forFallbacks(settings), entry)),
    ],
    // One silent target must not take the time of all: the gateway's own limit is per target.
    request_timeout: Math.ceil(settings.requestTimeoutMs / entries.length),
  };
  const routing = portkeyHeaders({ apiKey: settings.portkeyApiKey, config });
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
  const { provider, model, weight: _, virtual_key: __, api_key, override_params, ...rest } = entry;
  const vaultKey = vaultKeyOf(settings, entry);
  const needsNoKey = vaultKey !== undefined || isCatalogName(entry);
  const bearer = api_key ?? ownKey(settings, entry) ?? (needsNoKey ? undefined : noKey);
  return {
    ...rest,
    provider,
    ...(vaultKey ? { virtual_key: vaultKey } : {}),
    ...(bearer ? { api_key: bearer } : {}),
    forward_headers: forwardedHeaders(settings, entry),
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
  const model = isCatalogName(entry) ? `${entry.provider}/${entry.model}` : entry.model;
  const routing = portkeyHeaders({
    apiKey: settings.portkeyApiKey,
    provider: isCatalogName(entry) ? undefined : entry.provider,
    virtualKey: vaultKeyOf(settings, entry),
    customHost: entry.custom_host,
    forwardHeaders: forwardedHeaders(settings, entry),
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

/**
 * The headers that the gateway forwards. It sets its own name in attribution headers, unless it forwards them.
 * Headers whose names suggest a secret are for OpenRouter's server only.
 */
function forwardedHeaders({ headers, baseUrl }: Settings, entry: FallbackEntry): string[] {
  const { provider, custom_host } = entry;
  const isOpenRouters = custom_host ? custom_host === baseUrl : provider === "openrouter";
  return Object.keys(headers).filter((name) => isOpenRouters || !namesSecret(name));
}

/** A name in Portkey's model catalog, where the key of the provider is. */
function isCatalogName({ provider }: FallbackEntry): boolean {
  return provider.startsWith("@");
}

/** Name of the key in Portkey's vault. `VIRTUAL_KEY` is for entries without any key. */
function vaultKeyOf(settings: Settings, entry: FallbackEntry): string | undefined {
  const hasKey = entry.api_key !== undefined || isCatalogName(entry);
  return entry.virtual_key ?? (hasKey ? undefined : settings.virtualKey);
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
