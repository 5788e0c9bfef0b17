/** Tokens and money of one request, or of many together. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens that were read from the provider's cache; part of `promptTokens`. */
  readonly cachedTokens: number;
  /** Tokens that the model spent on reasoning; part of `completionTokens`. */
  readonly reasoningTokens: number;
  /** US dollars, from OpenRouter's `usage.cost`; 0 where none is reported. */
  readonly costUsd: number;
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

/** Sums of decimal prices drift in binary; a picodollar is finer than any price. */
function addUsd(a: number, b: number): number {
  return Math.round((a + b) * 1e12) / 1e12;
}
