import type { Usage } from "../usage/usage.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the `usage` of a completion: the OpenAI fields, and OpenRouter's `cost` in US dollars. What
 * is not a number above 0, or is beyond any real answer, counts as 0, so that sums stay numbers.
 *
 * Source: https://openrouter.ai/docs/use-cases/usage-accounting
 */
export function readUsage(usage: Fields): Usage {
  const prompt = (usage["prompt_tokens_details"] ?? {}) as Fields;
  const completion = (usage["completion_tokens_details"] ?? {}) as Fields;
  return {
    promptTokens: count(usage["prompt_tokens"] ?? usage["total_tokens"]),
    completionTokens: count(usage["completion_tokens"]),
    cachedTokens: count(prompt["cached_tokens"]),
    reasoningTokens: count(completion["reasoning_tokens"]),
    costUsd: count(usage["cost"]),
  };
}

/** More tokens, or dollars, than any answer has: an error of the server. */
const absurd = 1e12;

/** Some servers send numbers as texts. */
function count(value: unknown): number {
  const number = typeof value === "string" && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === "number" && number > 0 && number < absurd ? number : 0;
}
