import type { BookEntry } from "../books/entry.ts";

/** The answer of `GET /generation`, from the books. */
export function generationData(entry: BookEntry) {
  const elapsedMs = (entry.endedAt ?? entry.startedAt) - entry.startedAt;
  return {
    id: entry.id,
    upstream_id: entry.id,
    model: entry.modelServed,
    provider_name: entry.provider,
    api_type: "completions",
    streamed: entry.stream,
    cancelled: entry.aborted,
    finish_reason: entry.status === 200 ? "stop" : "error",
    latency: elapsedMs,
    generation_time: elapsedMs,
    tokens_prompt: entry.promptTokens,
    tokens_completion: entry.completionTokens,
    native_tokens_prompt: entry.promptTokens,
    native_tokens_completion: entry.completionTokens,
    native_tokens_reasoning: entry.reasoningTokens,
    native_tokens_cached: entry.cachedTokens,
    usage: entry.costUsd,
    total_cost: entry.costUsd,
    is_byok: false,
    http_referer: entry.headers["http-referer"] ?? null,
    created_at: new Date(entry.startedAt).toISOString(),
  };
}
