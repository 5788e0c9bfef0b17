import type { Model } from "../catalog/model.ts";
import { canOnlyAfford, contextLengthExceeded } from "../faults/refusals.ts";
import type { Refusal } from "../faults/refusal.ts";
import type { ChatRequest } from "../wire/chat-request.ts";

/** OpenRouter's checks before it sends a request to a provider. */
export function checkRequest(
  request: ChatRequest,
  model: Model,
  promptTokens: number,
  creditsUsd: number,
): Refusal | undefined {
  return (
    checkAbilities(request, model) ??
    checkContext(request, model, promptTokens) ??
    checkCredits(request, model, promptTokens, creditsUsd)
  );
}

function checkAbilities(request: ChatRequest, model: Model): Refusal | undefined {
  const supports = (parameter: string) => model.supportedParameters.includes(parameter);
  if (request.tools.length > 0 && !supports("tools")) {
    return {
      status: 404,
      message:
        "No endpoints found that support tool use. To learn more about provider routing, visit: " +
        "https://openrouter.ai/docs/provider-routing",
    };
  }
  const needed = { text: [], json: ["response_format"], schema: ["structured_outputs"] };
  if (request.requireParameters && !needed[request.responseFormat.type].every(supports)) {
    return {
      status: 404,
      message:
        "No endpoints found that can handle the requested parameters. To learn more about provider " +
        "routing, visit: https://openrouter.ai/docs/provider-routing",
    };
  }
  return undefined;
}

function checkContext(request: ChatRequest, model: Model, promptTokens: number) {
  const requested = promptTokens + (request.maxTokens ?? 0);
  return requested > model.contextLength
    ? contextLengthExceeded(model.contextLength, requested)
    : undefined;
}

function checkCredits(
  request: ChatRequest,
  { prices, maxCompletionTokens }: Model,
  promptTokens: number,
  creditsUsd: number,
): Refusal | undefined {
  if (prices.completion === 0) return undefined;
  // Without max_tokens, the balance must cover the model's maximum.
  const requested = request.maxTokens ?? maxCompletionTokens;
  const left = creditsUsd - promptTokens * prices.prompt;
  const affordable = Math.max(0, Math.floor(left / prices.completion));
  return requested > affordable ? canOnlyAfford(requested, affordable) : undefined;
}
