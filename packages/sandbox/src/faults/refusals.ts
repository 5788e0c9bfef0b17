import type { Refusal } from "./refusal.ts";

/** Details of a request that its refusal may contain. */
export interface RefusalContext {
  readonly model: string;
  readonly provider: string;
  readonly nowMs: number;
  readonly requestsPerMinute: number;
  readonly requestsPerDay: number;
  readonly isFreeTier: boolean;
  readonly minuteResetAt: number;
  readonly dayResetAt: number;
  readonly retryAfterSeconds?: number;
}

type Build = (context: RefusalContext) => Refusal;

const seconds = (value: number) => ({ "Retry-After": String(value) });
const untilReset = (resetAt: number, nowMs: number) =>
  Math.max(1, Math.ceil((resetAt - nowMs) / 1000));

function accountLimit(
  message: string,
  limit: number,
  resetAt: number,
  { nowMs, retryAfterSeconds }: RefusalContext,
  metadata: object = {},
): Refusal {
  const headers = {
    "X-RateLimit-Limit": String(limit),
    "X-RateLimit-Remaining": "0",
    "X-RateLimit-Reset": String(resetAt),
  };
  return {
    status: 429,
    message: `Rate limit exceeded: ${message}`,
    metadata: { headers, ...metadata, provider_name: null },
    headers: { ...headers, ...seconds(retryAfterSeconds ?? untilReset(resetAt, nowMs)) },
  };
}

/**
 * Refusals that share their status with others of another meaning. The messages and the metadata are
 * OpenRouter's, from its documentation and from bodies that users have quoted.
 */
export const REFUSALS = {
  "rate-limit-minute": (context) =>
    accountLimit(
      "free-models-per-min. ",
      context.requestsPerMinute,
      context.minuteResetAt,
      context,
    ),

  "rate-limit-day": (context) =>
    accountLimit(
      context.isFreeTier
        ? "free-models-per-day. Add 10 credits to unlock 1000 free model requests per day"
        : "free-models-per-day-high-balance. ",
      context.requestsPerDay,
      context.dayResetAt,
      context,
      { limit_source: "openrouter_free_tier_daily", remedy_hint: "Wait for the daily reset." },
    ),

  "shared-pool": ({ model, provider, retryAfterSeconds }) => ({
    status: 429,
    message: "Provider returned error",
    metadata: {
      raw: `${model} is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations`,
      provider_name: provider,
      is_byok: false,
      provider_error_code: "engine_overloaded",
      limit_source: "upstream_provider_shared_pool",
      remedy_hint: "Retry shortly, or add your own provider key.",
      ...(retryAfterSeconds !== undefined && {
        retry_after_seconds: retryAfterSeconds,
        retry_after_seconds_raw: retryAfterSeconds - 0.004,
        headers: seconds(retryAfterSeconds),
      }),
    },
    headers: retryAfterSeconds === undefined ? {} : seconds(retryAfterSeconds),
  }),

  "admission-control": ({ retryAfterSeconds = 10 }) => ({
    status: 429,
    message: "OpenRouter could not verify available credits for this request in time.",
    metadata: {
      limit_source: "openrouter_admission_control",
      remedy_hint: "Retry after the given delay.",
      headers: seconds(retryAfterSeconds),
    },
    headers: seconds(retryAfterSeconds),
  }),

  "capacity-exhausted": ({ model, provider, retryAfterSeconds = 5 }) => ({
    status: 429,
    message: `${model} is at capacity.`,
    metadata: { error_type: "rate_limit_exceeded", provider_name: provider },
    availability: {
      code: "capacity_exhausted",
      retryable: true,
      retry_after: retryAfterSeconds,
      requested_models: [model],
      affected_providers: [provider],
      docs_url: "https://openrouter.ai/docs/api-reference/errors",
    },
    headers: seconds(retryAfterSeconds),
  }),

  "no-credits": () => ({
    status: 402,
    message: "Insufficient credits. Add more using https://openrouter.ai/settings/credits",
  }),

  "can-only-afford": () => canOnlyAfford(65_536, 10_114),

  "over-budget": () => ({
    status: 402,
    message: "This request costs more than your available credits allow.",
    metadata: {
      reason: "weight_exceeds_budget",
      limit_source: "openrouter_credits",
      remedy_hint: "Lower max_tokens or add credits.",
    },
  }),

  "in-flight": ({ retryAfterSeconds = 120 }) => ({
    status: 402,
    message:
      "This request would exceed your available credits given your current in-flight requests. " +
      "Retry after in-flight requests settle, or add credits.",
    metadata: {
      reason: "in_flight_budget_exhausted",
      limit_source: "openrouter_in_flight_budget",
      remedy_hint: "Retry once the requests in flight have settled.",
    },
    headers: seconds(retryAfterSeconds),
  }),

  "key-limit": () => ({
    status: 402,
    message: "Key limit exceeded. Manage it using https://openrouter.ai/settings/keys",
    metadata: { limit_source: "openrouter_key_limit", remedy_hint: "Raise the key's limit." },
  }),

  "guardrail-budget": ({ dayResetAt }) => ({
    status: 403,
    message: "The budget of a guardrail on this key is exhausted.",
    metadata: {
      limit_source: "openrouter_guardrail_budget",
      scope: "key",
      limit_usd: 5,
      spend_usd: 5.01,
      resets_at: new Date(dayResetAt).toISOString(),
    },
  }),

  moderation: ({ model, provider }) => ({
    status: 403,
    message: `${model} requires moderation on ${provider}. Your input was flagged.`,
    metadata: {
      reasons: ["violence/graphic"],
      flagged_input: "…",
      provider_name: provider,
      model_slug: model,
    },
  }),

  /** The same request, sent again, is answered. */
  "not-found-upstream": ({ provider }) => ({
    status: 404,
    message: "Provider returned error",
    metadata: { raw: "", provider_name: provider, is_byok: false },
  }),

  "no-endpoints": ({ model }) => ({
    status: 404,
    message: `No endpoints found for ${model}.`,
  }),

  "unknown-model": ({ model }) => ({
    status: 400,
    message: `${model} is not a valid model ID`,
  }),

  "context-length": () => contextLengthExceeded(8_192, 9_000),
} satisfies Record<string, Build>;

/** The name of a refusal with a specific body. */
export type RefusalName = keyof typeof REFUSALS;

/** The affordability check before a call: prompt and `max_tokens` together can cost more than is left. */
export function canOnlyAfford(requestedTokens: number, affordableTokens: number): Refusal {
  return {
    status: 402,
    message:
      `This request requires more credits, or fewer max_tokens. You requested up to ${requestedTokens} tokens, ` +
      `but can only afford ${affordableTokens}. To increase, visit https://openrouter.ai/settings/credits ` +
      "and upgrade to a paid account",
    metadata: { provider_name: null },
  };
}

/** The request is longer than the model's context. */
export function contextLengthExceeded(contextLength: number, requestedTokens: number): Refusal {
  return {
    status: 400,
    message:
      `This endpoint's maximum context length is ${contextLength} tokens. However, you requested about ` +
      `${requestedTokens} tokens. Please reduce the length of either one, or use the context-compression plugin.`,
    metadata: { error_type: "context_length_exceeded", provider_name: null },
  };
}
