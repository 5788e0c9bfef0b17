import type { Settings } from "../settings/index.ts";
import type { Candidate } from "./candidate.ts";
import type { Catalog } from "./catalog.ts";
import { createChatOpenAI } from "./chat-openai.ts";

/** What a role asks of its model, whichever way the request takes. */
export interface ModelRequest {
  readonly model: string;
  /** Always sent: unset, OpenRouter checks the balance against the most the model could answer. */
  readonly maxTokens: number;
  readonly temperature?: number | undefined;
  readonly fetch?: typeof fetch | undefined;
}

/** A role's model at OpenRouter, or at the OpenAI-compatible server that stands in for it. */
export function openRouterCandidate(
  settings: Settings,
  catalog: Catalog,
  request: ModelRequest,
): Candidate {
  return {
    chat: createChatOpenAI({
      ...request,
      baseUrl: settings.baseUrl,
      apiKey: settings.openRouterApiKey,
      headers: settings.headers,
    }),
    model: request.model,
    via: "openrouter",
    isOfAccount: true,
    maxTokens: request.maxTokens,
    streamsWhole: true,
    abilities: () => catalog.abilities(request.model, "jsonSchema"),
    known: () => catalog.known(request.model, "jsonSchema"),
  };
}
