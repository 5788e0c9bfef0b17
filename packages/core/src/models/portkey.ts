import { createHeaders, PORTKEY_GATEWAY_URL } from "portkey-ai";
import { isOpenRouter, type FallbackEntry, type Settings } from "../settings/index.ts";
import type { Candidate } from "./candidate.ts";
import type { Catalog } from "./catalog.ts";
import { createChatOpenAI } from "./chat-openai.ts";
import type { ModelRequest } from "./openrouter.ts";

/** A role's own model, asked for through Portkey (`PREFERRED_LLM_PROVIDER=portkey`). */
export function portkeyPrimary(
  settings: Settings,
  catalog: Catalog,
  request: ModelRequest,
): Candidate {
  return portkeyCandidate(settings, catalog, request, primaryEntry(settings, request));
}

function primaryEntry(settings: Settings, { model }: ModelRequest): FallbackEntry {
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
  request: Omit<ModelRequest, "model">,
  entry: FallbackEntry,
): Candidate {
  return portkeyCandidate(settings, catalog, { ...request, model: entry.model }, entry);
}

/**
 * A role's own model and all its fallbacks as one Portkey config, for the gateway to fall back by
 * itself (`PORTKEY_MODE=gateway`). It sees HTTP statuses alone; what it takes for an answer is
 * checked here like any other, and retried as a whole.
 *
 * Source: https://portkey.ai/docs/api-reference/inference-api/config-object
 */
export function portkeyGatewayRoute(
  settings: Settings,
  catalog: Catalog,
  request: ModelRequest,
): Candidate {
  const primary = primaryEntry(settings, request);
  const config = {
    strategy: { mode: "fallback", on_status_codes: statusesToLeave },
    targets: [primary, ...settings.fallbacks].map((entry) => target(settings, entry)),
  };
  const routing = createHeaders({
    apiKey: settings.portkeyApiKey,
    config,
    forwardHeaders: Object.keys(settings.headers),
  });
  return {
    chat: createChatOpenAI({
      ...request,
      baseUrl: settings.portkeyGatewayUrl ?? PORTKEY_GATEWAY_URL,
      apiKey: bearerOf(settings),
      headers: { ...settings.headers, ...routing },
    }),
    model: request.model,
    via: "portkey",
    provider: primary.provider,
    isOfAccount: true,
    maxTokens: request.maxTokens,
    streamsWhole: false,
    abilities: () => catalog.abilities(request.model, "jsonSchema"),
    known: () => catalog.known(request.model, "jsonSchema"),
    headers: (traceId) => createHeaders({ traceID: traceId }),
  };
}

/** Not 400, 401, 403: another model would refuse the same, or hide the user's mistake. */
const statusesToLeave = [402, 404, 408, 429, 500, 502, 503, 504, 524, 529];

/** An entry as a target of Portkey's config. */
function target(settings: Settings, entry: FallbackEntry): Record<string, unknown> {
  const { provider, model, weight: _, virtual_key, api_key, override_params, ...rest } = entry;
  const vaultKey = virtual_key ?? (api_key ? undefined : settings.virtualKey);
  const bearer = api_key ?? ownKey(settings, entry);
  return {
    ...rest,
    provider,
    ...(vaultKey ? { virtual_key: vaultKey } : {}),
    ...(bearer ? { api_key: bearer } : {}),
    forward_headers: Object.keys(settings.headers),
    override_params: { ...override_params, model },
  };
}

function portkeyCandidate(
  settings: Settings,
  catalog: Catalog,
  request: ModelRequest,
  entry: FallbackEntry,
): Candidate {
  const isCatalogName = entry.provider.startsWith("@");
  const model = isCatalogName ? `${entry.provider}/${entry.model}` : entry.model;
  const routing = createHeaders({
    apiKey: settings.portkeyApiKey,
    provider: isCatalogName ? undefined : entry.provider,
    virtualKey: entry.virtual_key ?? (entry.api_key ? undefined : settings.virtualKey),
    customHost: entry.custom_host,
    // The gateway puts its own name into attribution headers unless it is told to forward them.
    forwardHeaders: Object.keys(settings.headers),
  });

  return {
    chat: createChatOpenAI({
      ...request,
      model,
      baseUrl: settings.portkeyGatewayUrl ?? PORTKEY_GATEWAY_URL,
      apiKey: entry.api_key ?? ownKey(settings, entry) ?? bearerOf(settings),
      headers: { ...settings.headers, ...routing },
      overrides: entry.override_params,
    }),
    model,
    via: "portkey",
    provider: entry.provider,
    isOfAccount: entry.provider === "openrouter" || entry.custom_host === settings.baseUrl,
    maxTokens: Number(entry.override_params?.["max_tokens"] ?? request.maxTokens),
    // The gateway changes streams on their way: it hides errors in mid-stream and closes cut streams cleanly.
    streamsWhole: false,
    abilities: () => catalog.abilities(openRouterId(entry), guessMethod(entry)),
    known: () => catalog.known(openRouterId(entry), guessMethod(entry)),
    headers: (traceId) => createHeaders({ traceID: traceId }),
    weight: entry.weight,
  };
}

/** OpenRouter's key goes to OpenRouter alone. */
function ownKey(settings: Settings, entry: FallbackEntry): string | undefined {
  const isOpenRouter = entry.provider === "openrouter" && !entry.custom_host;
  const isInVault = entry.virtual_key || settings.virtualKey;
  return isOpenRouter && !isInVault ? settings.openRouterApiKey : undefined;
}

/**
 * Portkey's hosted gateway takes its own key as the bearer where the provider's is in its vault. A
 * gateway of one's own would hand it on to the provider.
 */
function bearerOf(settings: Settings): string | undefined {
  return settings.portkeyGatewayUrl ? undefined : settings.portkeyApiKey;
}

/** OpenRouter's catalog also tells what a model can do when another gateway serves it. */
function openRouterId({ provider, model }: FallbackEntry): string {
  return provider === "openrouter" ? model : `${provider}/${model}`;
}

function guessMethod({ provider }: FallbackEntry): "jsonSchema" | "functionCalling" {
  return provider === "openai" || provider === "azure-openai" ? "jsonSchema" : "functionCalling";
}
