/** Error bodies of OpenRouter and of Portkey's gateway. */

/** 429: a provider's pool is used up; the usual one, without a wait time. */
export const sharedPool = {
  error: {
    message: "Provider returned error",
    code: 429,
    metadata: {
      raw: "deepseek/deepseek-v4-pro-0813 is temporarily rate-limited upstream. Please retry shortly, or add your own key to accumulate your rate limits: https://openrouter.ai/settings/integrations",
      provider_name: "DeepInfra",
      is_byok: false,
      provider_error_code: "engine_overloaded",
      limit_source: "upstream_provider_shared_pool",
      remedy_hint: "Retry shortly, or add your own key.",
    },
  },
  user_id: "user_1",
};

/** 429: a provider with a wait time. */
export const sharedPoolWithHints = {
  error: {
    message: "Provider returned error",
    code: 429,
    metadata: {
      raw: "venice/uncensored is temporarily rate-limited upstream",
      provider_name: "Venice",
      is_byok: false,
      retry_after_seconds: 17,
      retry_after_seconds_raw: 16.007,
      headers: { "Retry-After": "17" },
    },
  },
  user_id: "user_1",
};

/** 429: the account's free calls of this minute. */
export const freePerMinute = (resetAt: number) => ({
  error: {
    message: "Rate limit exceeded: free-models-per-min. ",
    code: 429,
    metadata: {
      headers: {
        "X-RateLimit-Limit": "20",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": String(resetAt),
      },
    },
  },
  user_id: "user_1",
});

/** 429: the account's free calls of this day. */
export const freePerDay = (resetAt: number) => ({
  error: {
    message:
      "Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day",
    code: 429,
    metadata: {
      headers: {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": String(resetAt),
      },
      limit_source: "openrouter_free_tier_daily",
    },
  },
  user_id: "user_1",
});

/** 429: the same of a paying account, without a `limit_source`. */
export const highBalancePerDay = {
  error: { message: "Rate limit exceeded: free-models-per-day-high-balance. ", code: 429 },
  user_id: "user_1",
};

/** 429: OpenRouter could not look up the balance. */
export const admissionControl = {
  error: {
    message: "We could not verify available credits for this request in time.",
    code: 429,
    metadata: {
      headers: { "Retry-After": "10" },
      limit_source: "openrouter_admission_control",
    },
  },
};

/** 402: the balance does not cover the requested tokens. */
export const unaffordable = {
  error: {
    message:
      "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 10114. To increase, visit https://openrouter.ai/settings/credits and upgrade to a paid account",
    code: 402,
    metadata: { provider_name: null },
  },
  user_id: "user_1",
};

/** 402: credit held by calls in progress; comes with `Retry-After`. */
export const inFlight = {
  error: {
    code: 402,
    message:
      "This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.",
    metadata: {
      reason: "in_flight_budget_exhausted",
      limit_source: "openrouter_in_flight_budget",
      remedy_hint: "Retry after in-flight requests settle.",
    },
  },
};

/** 402: the key's own limit. */
export const keyLimit = {
  error: {
    code: 402,
    message: "Key limit exceeded",
    metadata: { limit_source: "openrouter_key_limit" },
  },
};

/** 403: moderation. */
export const moderation = {
  error: {
    code: 403,
    message: "Your chosen model requires moderation and your input was flagged",
    metadata: {
      reasons: ["violence", "self-harm"],
      flagged_input: "the first hundred characters",
      provider_name: "OpenAI",
      model_slug: "openai/gpt-4o",
    },
  },
};

/** 404: a provider that failed once; the same request succeeds when repeated. */
export const transientNotFound = {
  error: {
    message: "Provider returned error",
    code: 404,
    metadata: { raw: "", provider_name: "Nvidia", is_byok: false },
  },
};

/** 200: an error instead of choices. */
export const errorInsideOk = {
  id: "gen-1",
  error: {
    message: "Provider returned error",
    code: 429,
    metadata: { raw: "error code: 1015", provider_name: "Kluster" },
  },
  user_id: "user_1",
};

/** 200: an error inside the choice. */
export const errorInsideChoice = {
  choices: [
    {
      message: { role: "assistant", content: "partial output..." },
      finish_reason: "error",
      error: {
        code: 502,
        message: "Provider disconnected mid-stream",
        metadata: { error_type: "provider_unavailable" },
      },
    },
  ],
};

/** A chunk in mid-stream. */
export const errorChunk = {
  id: "gen-abc123",
  object: "chat.completion.chunk",
  created: 1_234_567_890,
  model: "openai/gpt-4o",
  provider: "OpenAI",
  error: {
    code: 429,
    message: "Rate limit exceeded",
    metadata: { error_type: "rate_limit_exceeded" },
  },
  choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
};

/** The same with a word for a code. */
export const errorChunkWithWord = {
  ...errorChunk,
  error: { code: "server_error", message: "Provider disconnected unexpectedly" },
};

/** The same without a choice. */
export const errorChunkWithoutChoice = { ...errorChunk, choices: [] };

/** Portkey's gateway's version of an error of OpenRouter. */
export const throughPortkey = (body: object) => ({
  error: {
    message: `Invalid response received from openrouter: ${JSON.stringify(body)}`,
    type: null,
    param: null,
    code: null,
  },
  provider: "openrouter",
});
