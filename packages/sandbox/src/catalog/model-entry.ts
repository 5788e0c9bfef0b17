import type { Model } from "./model.ts";

/** A model as `GET /models` shows it; prices are strings, in dollars per token. */
export function modelEntry(model: Model) {
  return {
    id: model.id,
    canonical_slug: model.id,
    name: model.name,
    created: 1_700_000_000,
    description: model.description,
    context_length: model.contextLength,
    architecture: {
      modality: "text->text",
      input_modalities: ["text"],
      output_modalities: ["text"],
      tokenizer: "Other",
      instruct_type: null,
    },
    pricing: pricing(model),
    top_provider: {
      context_length: model.contextLength,
      max_completion_tokens: model.maxCompletionTokens,
      is_moderated: false,
    },
    per_request_limits: null,
    supported_parameters: model.supportedParameters,
    default_parameters: null,
    expiration_date: null,
    knowledge_cutoff: null,
    links: { details: `/api/v1/models/${model.id}/endpoints` },
  };
}

/** A model as `GET /models/:author/:slug/endpoints` shows it, with its one provider. */
export function modelEndpoints(model: Model) {
  const { id, name, created, description, architecture } = modelEntry(model);
  const endpoint = {
    name: `${model.provider} | ${model.id}`,
    model_name: model.name,
    context_length: model.contextLength,
    pricing: pricing(model),
    provider_name: model.provider,
    tag: model.provider.toLowerCase(),
    quantization: null,
    max_completion_tokens: model.maxCompletionTokens,
    max_prompt_tokens: null,
    supported_parameters: model.supportedParameters,
    status: 0,
    uptime_last_30m: 100,
  };
  return { id, name, created, description, architecture, endpoints: [endpoint] };
}

function pricing({ prices }: Model) {
  return {
    prompt: decimal(prices.prompt),
    completion: decimal(prices.completion),
    request: "0",
    image: "0",
    web_search: "0",
    internal_reasoning: "0",
    ...(prices.cacheRead !== undefined && { input_cache_read: decimal(prices.cacheRead) }),
  };
}

/** Without an exponent: OpenRouter writes "0.0000025". */
function decimal(price: number): string {
  return price === 0 ? "0" : price.toFixed(12).replace(/0+$/, "");
}
