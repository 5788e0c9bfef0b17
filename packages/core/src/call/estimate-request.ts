import { keptMessages, type ChatRequest } from "../completions/index.ts";
import { estimateTokens } from "../resilience/budget/index.ts";

/** Tokens of an answer if the request sets no limit. */
export const defaultMaxTokens = 4096;

interface RequestEstimate {
  readonly promptTokens: number;
  readonly maxTokens: number;
}

/** Budgets and rate limits use the same estimate, and it has to read the whole prompt. */
const estimates = new WeakMap<ChatRequest, RequestEstimate>();

/** The maximum number of tokens of a request: its prompt, with tools and schema, and its answer. */
export function estimateRequest(request: ChatRequest): RequestEstimate {
  let estimate = estimates.get(request);
  if (!estimate) estimates.set(request, (estimate = estimateOf(request)));
  return estimate;
}

function estimateOf(request: ChatRequest): RequestEstimate {
  const { messages, tools, response_format, max_tokens, max_completion_tokens, n } = request;
  const answers = typeof n === "number" && n > 1 ? n : 1;
  // Servers differ in which of the two they apply.
  const limits = [max_tokens, max_completion_tokens].filter(isCount);
  const limit = limits.length > 0 ? Math.max(...limits) : defaultMaxTokens;
  const kept = keptMessages.get(messages);
  // With escapes, JSON has more characters than the text that the model gets: `\u4e2d` is one character.
  const isCounted = kept && !kept.includes("\\u");
  return {
    promptTokens: isCounted
      ? estimateTokens(kept) + estimateTokens([tools, response_format])
      : estimateTokens([messages, tools, response_format]),
    // A sum of tokens stays exact, and fits into the integers of databases.
    maxTokens: Math.min(limit * answers, Number.MAX_SAFE_INTEGER),
  };
}

/** A limit that is not a number counts as none: the server refuses it. */
function isCount(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value < Infinity;
}
