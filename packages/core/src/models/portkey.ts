import { createHeaders, PORTKEY_GATEWAY_URL } from "portkey-ai";
import type { FallbackEntry, Settings } from "../settings/index.ts";
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
  const isElsewhere = !new URL(settings.baseUrl).hostname.endsWith("openrouter.ai");
  return portkeyCandidate(settings, catalog, request, {
    // Portkey's own adapter for OpenRouter knows only OpenRouter's address.
    provider: isElsewhere ? "openai" : "openrouter",
    model: request.model,
    ...(isElsewhere ? { custom_host: settings.baseUrl } : {}),
    ...(settings.openRouterApiKey ? { api_key: settings.openRouterApiKey } : {}),
  });
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
      // Portkey's hosted gateway takes its own key as the bearer where the provider's is in its vault.
      apiKey: entry.api_key ?? ownKey(settings, entry) ?? settings.portkeyApiKey,
      headers: { ...settings.headers, ...routing },
      overrides: entry.override_params,
    }),
    model,
    via: "portkey",
    provider: entry.provider,
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
  return entry.provider === "openrouter" && !entry.virtual_key && !settings.virtualKey
    ? settings.openRouterApiKey
    : undefined;
}

/** OpenRouter's catalog also tells what a model can do when another gateway serves it. */
function openRouterId({ provider, model }: FallbackEntry): string {
  return provider === "openrouter" ? model : `${provider}/${model}`;
}

function guessMethod({ provider }: FallbackEntry): "jsonSchema" | "functionCalling" {
  return provider === "openai" || provider === "azure-openai" ? "jsonSchema" : "functionCalling";
}
