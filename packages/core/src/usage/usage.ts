import type { Fields } from "../input/is-object.ts";

/** Tokens and money of one request, or of many together. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens that were read from the provider's cache; part of `promptTokens`. */
  readonly cachedTokens: number;
  /** Tokens that the model spent on reasoning; part of `completionTokens`. */
  readonly reasoningTokens: number;
  /** US dollars, from OpenRouter's `usage.cost` or the catalog's prices; 0 if neither is known. */
  readonly costUsd: number;
}

/** The attempts that are missing in a sum of {@link Usage}, because a server did not report their usage. */
export interface UnknownAttempts {
  /** Attempts whose tokens are unknown, and counted as 0. */
  readonly unknownUsageAttempts: number;
  /**
   * Attempts whose cost is unknown, and counted as 0; they include those of unknown usage. If there is one, `costUsd`
   * is the minimum of what was paid.
   */
  readonly unknownCostAttempts: number;
}

export const noUsage: Usage = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};

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

/** Rounds a sum to picodollars, which are finer than any price: sums of decimal fractions in binary are not exact. */
export function addUsd(a: number, b: number): number {
  return Math.round((a + b) * 1e12) / 1e12;
}

/** @returns milliseconds since `from`, rounded to a tenth: that is finer than any network */
export function tenths<T extends number | undefined>(at: T, from = 0): T | number {
  return at === undefined ? at : Math.round((at - from) * 10) / 10;
}

/**
 * Reads the `usage` of a completion: OpenAI's fields, those that other servers have for the same, and
 * OpenRouter's `cost` in US dollars. What is not a number above 0, or is beyond any real answer, counts
 * as 0, so that sums stay numbers. Tokens are whole.
 *
 * With your own key (BYOK), `cost` is only OpenRouter's fee, and the provider bills the rest.
 *
 * Source: https://openrouter.ai/docs/use-cases/usage-accounting
 */
export function readUsage(usage: Fields): Usage {
  const prompt = (usage["prompt_tokens_details"] ?? {}) as Fields;
  const completion = (usage["completion_tokens_details"] ?? {}) as Fields;
  const cost = (usage["cost_details"] ?? {}) as Fields;
  // Gateways that multiply tokens by a price report parts of them, and books count whole ones.
  const total = Math.ceil(count(usage["total_tokens"]));
  const completionTokens = Math.ceil(count(usage["completion_tokens"] ?? usage["output_tokens"]));
  const promptTokens = Math.ceil(count(usage["prompt_tokens"] ?? usage["input_tokens"]));
  // Reasoning that a server counts only in the total is part of the answer too.
  const uncounted = promptTokens > 0 ? Math.max(0, total - promptTokens - completionTokens) : 0;
  const fee = count(usage["cost"]);
  const isByok = usage["is_byok"] ?? fee === 0;
  return {
    promptTokens: promptTokens || Math.max(0, total - completionTokens),
    completionTokens: completionTokens + uncounted,
    cachedTokens: Math.ceil(
      count(prompt["cached_tokens"] ?? usage["cached_tokens"] ?? usage["prompt_cache_hit_tokens"]),
    ),
    reasoningTokens: Math.ceil(count(completion["reasoning_tokens"] ?? usage["reasoning_tokens"])),
    costUsd: isByok ? addUsd(fee, upstreamUsd(cost)) : fee,
  };
}

/** The amount that the provider bills in addition to the fee of BYOK: as one amount, or for prompt and answer. */
function upstreamUsd({
  upstream_inference_cost: whole,
  upstream_inference_prompt_cost: prompt,
  upstream_inference_completions_cost: answer,
}: Fields): number {
  return count(whole) || addUsd(count(prompt), count(answer));
}

/** Whether the cost of a BYOK answer is only the fee, because the provider's amount is unknown. */
export function isFeeAlone({ is_byok: isByok, cost_details: details }: Fields): boolean {
  const bill = (details ?? {}) as Fields;
  const amount = bill["upstream_inference_cost"] ?? bill["upstream_inference_prompt_cost"];
  return Boolean(isByok) && (amount ?? undefined) === undefined;
}

/** Whether a server reports that an answer cost nothing; some write numbers as texts. */
export function isZeroCost(cost: unknown): boolean {
  return typeof cost === "string" ? /^(0+\.?0*|\.0+)$/.test(cost) : cost === 0;
}

/** Copies the values to OpenAI's fields of a `usage`, if these have no token counts. */
export function tidyUsage(usage: Record<string, unknown>, read: Usage): void {
  const { promptTokens, completionTokens } = read;
  const counts = {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
  for (const [field, tokens] of Object.entries(counts)) {
    const value = usage[field];
    if (typeof value === "number" && count(value) === value) continue;
    if (tokens > 0) usage[field] = tokens;
    else delete usage[field];
  }
}

/**
 * Of two reports about the same answer, the one with more. Servers report the usage so far, and some then report zeros
 * for values that they have reported before.
 */
export function fullerUsage(before: Usage, after: Usage): Usage {
  const isFuller = after.completionTokens >= before.completionTokens;
  const [fuller, other] = isFuller ? [after, before] : [before, after];
  return {
    promptTokens: fuller.promptTokens || other.promptTokens,
    completionTokens: fuller.completionTokens,
    cachedTokens: fuller.cachedTokens || other.cachedTokens,
    reasoningTokens: fuller.reasoningTokens || other.reasoningTokens,
    costUsd: fuller.costUsd || other.costUsd,
  };
}

/** More tokens, or dollars, than any answer has: an error of the server. */
const absurd = 1e9;

/** Some servers send numbers as texts. */
function count(value: unknown): number {
  const number =
    typeof value === "string" && /^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)
      ? Number(value)
      : value;
  return typeof number === "number" && number > 0 && number < absurd ? number : 0;
}
