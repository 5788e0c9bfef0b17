import type { ErrorKind } from "../errors/error-kinds.ts";
import type { FallbackEntry } from "./fallback-entry.ts";

export type LogLevel = "error" | "warn" | "info" | "debug" | "silent";

/** Every setting, resolved: an option given in code, else the environment, else the default. */
export interface Settings {
  /** Key of the OpenRouter account. Env `OPENROUTER_API_KEY`. */
  readonly openRouterApiKey?: string | undefined;
  /**
   * Where the first attempt of a call goes. Env `PREFERRED_LLM_PROVIDER`.
   *
   * @defaultValue `"openrouter"`
   */
  readonly preferredProvider: "openrouter" | "portkey";
  /** Model of every role that has none of its own. Env `OPENROUTER_DEFAULT_MODEL`. @defaultValue `"openai/gpt-4o"` */
  readonly defaultModel: string;
  /**
   * Root of an OpenAI-compatible API. Env `OPENROUTER_BASE_URL`.
   *
   * @defaultValue `"https://openrouter.ai/api/v1"`
   */
  readonly baseUrl: string;
  /** Headers of every request to OpenRouter. Env `OPENROUTER_HEADERS`, JSON. @defaultValue none */
  readonly headers: Readonly<Record<string, string>>;
  /** Role to model. Env `AGENT_MODEL_MAP`, JSON. @defaultValue none */
  readonly agentModels: Readonly<Record<string, string>>;
  /** Longest time for one attempt, in milliseconds. Env `LLM_REQUEST_TIMEOUT`, seconds. @defaultValue `30_000` */
  readonly requestTimeoutMs: number;
  /** Longest wait for an attempt's first token, in milliseconds. Env `LLM_FIRST_TOKEN_TIMEOUT`, seconds. @defaultValue no limit of its own */
  readonly firstTokenTimeoutMs?: number | undefined;
  /** Longest pause between two pieces of an answer, in milliseconds. Env `LLM_STALL_TIMEOUT`, seconds. @defaultValue `20_000` */
  readonly stallTimeoutMs: number;
  /** Longest time for a call with its retries, fallbacks and waits, in milliseconds. Env `LLM_CALL_TIMEOUT`, seconds. @defaultValue no limit */
  readonly callTimeoutMs?: number | undefined;
  /** Further attempts at the same model. Env `LLM_MAX_RETRIES`. @defaultValue `3` */
  readonly maxRetries: number;
  /** Upper bound of the first wait, in milliseconds. Env `LLM_RETRY_DELAY`, seconds. @defaultValue `1000` */
  readonly retryDelayMs: number;
  /** Longest wait, in milliseconds. Env `LLM_RETRY_MAX_DELAY`, seconds. @defaultValue `60_000` */
  readonly retryMaxDelayMs: number;
  /** Kinds of error to retry. Env `LLM_RETRYABLE_ERRORS`, separated by commas. */
  readonly retryableErrors: readonly ErrorKind[];
  /**
   * What the account has paid for, and so its limits: 20 requests a minute and 50 a day, or 60 and
   * 1,000. Env `OPENROUTER_TIER`.
   *
   * @defaultValue `"auto"`: asks `GET /key`; a server that does not answer it has no limits
   */
  readonly tier: "auto" | "free" | "pro";
  /** Requests in any minute; `Infinity` for no limit. Env `LLM_REQUESTS_PER_MINUTE`. @defaultValue the tier's */
  readonly requestsPerMinute?: number | undefined;
  /** Requests in a UTC day; `Infinity` for no limit. Env `LLM_REQUESTS_PER_DAY`. @defaultValue the tier's */
  readonly requestsPerDay?: number | undefined;
  /** Tokens in any minute. Env `LLM_TOKENS_PER_MINUTE`. @defaultValue no limit */
  readonly tokensPerMinute?: number | undefined;
  /** Requests under way at one time. Env `LLM_MAX_CONCURRENCY`. @defaultValue no limit */
  readonly maxConcurrency?: number | undefined;
  /** What a call does when the day is used up. Env `LLM_ON_QUOTA`. @defaultValue `"fail"` */
  readonly onQuota: "fail" | "wait";
  /** US dollars that one call may cost, with its retries and fallbacks. Env `LLM_BUDGET_USD_PER_CALL`. @defaultValue no limit */
  readonly budgetUsdPerCall?: number | undefined;
  /** US dollars that one run may cost. Env `LLM_BUDGET_USD_PER_RUN`. @defaultValue no limit */
  readonly budgetUsdPerRun?: number | undefined;
  /** US dollars that one UTC day may cost. Env `LLM_BUDGET_USD_PER_DAY`. @defaultValue no limit */
  readonly budgetUsdPerDay?: number | undefined;
  /** Tokens that one call may use. Env `LLM_BUDGET_TOKENS_PER_CALL`. @defaultValue no limit */
  readonly budgetTokensPerCall?: number | undefined;
  /** Tokens that one run may use. Env `LLM_BUDGET_TOKENS_PER_RUN`. @defaultValue no limit */
  readonly budgetTokensPerRun?: number | undefined;
  /** Tokens that one UTC day may use. Env `LLM_BUDGET_TOKENS_PER_DAY`. @defaultValue no limit */
  readonly budgetTokensPerDay?: number | undefined;
  /** Requests that one call may make, whatever its candidates. Env `LLM_CALL_MAX_ATTEMPTS`. @defaultValue no limit */
  readonly callMaxAttempts?: number | undefined;
  /**
   * When a second request races a slow first one, in milliseconds, or `"p95"` for the role's own
   * 95th percentile. Env `LLM_HEDGE_AFTER`, seconds or `p95`. @defaultValue never
   */
  readonly hedgeAfterMs?: number | "p95" | undefined;
  /** Whether identical calls in flight are sent once. Env `LLM_COALESCE`. @defaultValue `false` */
  readonly coalesce: boolean;
  /** How long a route that failed is left alone, in milliseconds. Env `LLM_CIRCUIT_COOLDOWN`, seconds. @defaultValue `30_000` */
  readonly circuitCooldownMs: number;
  /** Key of Portkey; not needed with a gateway of your own. Env `PORTKEY_API_KEY`. */
  readonly portkeyApiKey?: string | undefined;
  /** A Portkey gateway of your own. Env `PORTKEY_GATEWAY_URL`. @defaultValue Portkey's hosted gateway */
  readonly portkeyGatewayUrl?: string | undefined;
  /**
   * Who falls back where `PREFERRED_LLM_PROVIDER` is `portkey`. Env `PORTKEY_MODE`.
   *
   * - `client`: Orchestra, which sees every way in which an answer fails.
   * - `gateway`: the gateway, which gets all models in one config and sees HTTP statuses.
   *
   * @defaultValue `"client"`
   */
  readonly portkeyMode: "client" | "gateway";
  /** Trace id of every call. Env `TRACE_ID`. @defaultValue one is made per run */
  readonly traceId?: string | undefined;
  /** Portkey's virtual key for entries without one of their own. Env `VIRTUAL_KEY`. */
  readonly virtualKey?: string | undefined;
  /** Models to fall back on, through Portkey, in this order. Env `PORTKEY_FALLBACKS`, JSON. @defaultValue none */
  readonly fallbacks: readonly FallbackEntry[];
  /** Whether a paid model may take over from a free one. Env `LLM_ALLOW_PAID_FALLBACK`. @defaultValue `false` */
  readonly allowPaidFallback: boolean;
  /** Whether another model may answer what one refused for its content. Env `LLM_FALLBACK_ON_REFUSAL`. @defaultValue `false` */
  readonly fallbackOnRefusal: boolean;
  /** How often a live stream that broke begins anew, announced. Env `LLM_STREAM_RESTARTS`. @defaultValue `0` */
  readonly streamRestarts: number;
  /** What the log shows. Env `LOG_LEVEL`. @defaultValue `"info"` */
  readonly logLevel: LogLevel;
  /** Whether prompts and answers are kept in records and logged. Env `LOG_PROMPTS`. @defaultValue `false` */
  readonly logPrompts: boolean;
}

/** Settings given in code; each wins over its environment variable. */
export type SettingsOptions = { readonly [K in keyof Settings]?: Settings[K] | undefined };
