/** An error answer of the provider, in OpenRouter's format. */
export interface Refusal {
  /** For the history. */
  readonly name: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
  /** When the account may send requests again, if the answer has that; in milliseconds since the epoch. */
  readonly until?: number;
}

interface Options {
  readonly headers?: Readonly<Record<string, string>>;
  readonly metadata?: object;
  readonly until?: number;
}

function refusal(name: string, code: number, message: string, options: Options = {}): Refusal {
  const { headers = {}, metadata, until } = options;
  const error = { code, message, ...(metadata ? { metadata } : {}) };
  return {
    name,
    status: code,
    headers,
    body: { error },
    ...(until === undefined ? {} : { until }),
  };
}

/** The account's requests of the minute are used up. */
export function minuteRefusal(until: number, now: number, isByReset: boolean): Refusal {
  const seconds = Math.ceil((until - now) / 1_000);
  return refusal("429 minute", 429, "Rate limit exceeded: free-models-per-min", {
    until: isByReset ? until : now + seconds * 1_000,
    headers: isByReset
      ? { "x-ratelimit-reset": String(Math.ceil(until)), "x-ratelimit-remaining": "0" }
      : { "retry-after": String(seconds) },
  });
}

/** The pool of the provider is busy, which does not concern the limits of the account. */
export function poolRefusal(): Refusal {
  return refusal("429 pool", 429, "Provider returned error", {
    metadata: {
      raw: "temporarily rate-limited upstream",
      provider_name: "DeepInfra",
      limit_source: "upstream_provider_shared_pool",
    },
  });
}

/** The day's requests to free models are used up. */
export function dayRefusal(resetsAt: number): Refusal {
  const headers = { "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": String(resetsAt) };
  return refusal("429 day", 429, "Rate limit exceeded: free-models-per-day", {
    until: resetsAt,
    metadata: { headers, limit_source: "openrouter_free_tier_daily" },
  });
}

/** The credit is held by requests in flight. */
export function creditRefusal(seconds: number): Refusal {
  return refusal("402 in flight", 402, "This request would exceed your available credits", {
    headers: { "retry-after": String(seconds) },
    metadata: {
      reason: "in_flight_budget_exhausted",
      limit_source: "openrouter_in_flight_budget",
    },
  });
}

/** The balance covers fewer tokens than the request asks for. */
export function affordRefusal(asked: number, affordable: number): Refusal {
  return refusal(
    "402 afford",
    402,
    `This request requires more credits, or fewer max_tokens. You requested up to ${asked} tokens, but can only afford ${affordable}.`,
    { metadata: { provider_name: null } },
  );
}

export function downRefusal(): Refusal {
  return refusal("503", 503, "Provider is down");
}
