import type { Model } from "../catalog/model.ts";

/** Tokens and dollars of one answer. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  readonly promptCostUsd: number;
  readonly completionCostUsd: number;
  readonly costUsd: number;
}

/** The cost of these tokens at a model's prices. */
export function computeUsage(model: Model, promptTokens: number, completionTokens: number): Usage {
  const promptCostUsd = dollars(promptTokens * model.prices.prompt);
  const completionCostUsd = dollars(completionTokens * model.prices.completion);
  return {
    promptTokens,
    completionTokens,
    cachedTokens: 0,
    reasoningTokens: 0,
    promptCostUsd,
    completionCostUsd,
    costUsd: dollars(promptCostUsd + completionCostUsd),
  };
}

/** Rounds the errors of binary fractions, so that a sum of costs is readable. */
export function dollars(amount: number): number {
  return Math.round(amount * 1e12) / 1e12;
}

/** Usage in OpenRouter's format. */
export function openRouterUsage(usage: Usage) {
  return {
    ...openAiUsage(usage),
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      cache_write_tokens: 0,
      audio_tokens: 0,
      video_tokens: 0,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens, audio_tokens: 0 },
    cost: usage.costUsd,
    is_byok: false,
    cost_details: {
      upstream_inference_cost: null,
      upstream_inference_prompt_cost: usage.promptCostUsd,
      upstream_inference_completions_cost: usage.completionCostUsd,
      server_tool_cost: null,
    },
  };
}

/** Usage from a provider that reports no cost. */
export function openAiUsage(usage: Usage) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
  };
}
