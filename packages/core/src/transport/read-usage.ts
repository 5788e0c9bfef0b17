import type { Usage } from "../usage/call-record.ts";

export const noUsage: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};

/**
 * Reads the `usage` of a completion: the OpenAI fields, and OpenRouter's `cost` in US dollars.
 *
 * Source: https://openrouter.ai/docs/use-cases/usage-accounting
 */
export function readUsage(usage: unknown): Usage | undefined {
  if (typeof usage !== "object" || usage === null) return undefined;
  const fields = usage as Record<string, unknown>;
  const prompt = (fields["prompt_tokens_details"] ?? {}) as Record<string, unknown>;
  const completion = (fields["completion_tokens_details"] ?? {}) as Record<string, unknown>;
  return {
    promptTokens: count(fields["prompt_tokens"]),
    completionTokens: count(fields["completion_tokens"]),
    cachedTokens: count(prompt["cached_tokens"]),
    reasoningTokens: count(completion["reasoning_tokens"]),
    costUsd: count(fields["cost"]),
  };
}

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    costUsd: addUsd(a.costUsd, b.costUsd),
  };
}

export function subtractUsage(a: Usage, b: Usage): Usage {
  return {
    promptTokens: a.promptTokens - b.promptTokens,
    completionTokens: a.completionTokens - b.completionTokens,
    cachedTokens: a.cachedTokens - b.cachedTokens,
    reasoningTokens: a.reasoningTokens - b.reasoningTokens,
    costUsd: addUsd(a.costUsd, -b.costUsd),
  };
}

/** Sums of decimal prices drift in binary; a picodollar is finer than any price. */
function addUsd(a: number, b: number): number {
  return Math.round((a + b) * 1e12) / 1e12;
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : 0;
}
