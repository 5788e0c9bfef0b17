import { z } from "zod";
import {
  providerRoutingSchema,
  requestFieldsSchema,
  type ProviderRouting,
  type RequestFields,
} from "../completions/request/openrouter-request.ts";
import { defaultRetryableKinds, retryableKinds, type ErrorKind } from "../errors/error-kinds.ts";
import { shown } from "../errors/explain-issue.ts";
import { id, traceId } from "../input/schemas.ts";
import { fallbackEntrySchema, type FallbackEntry } from "./fallback-entry.ts";
import { headersSchema } from "./headers-schema.ts";
import { json, list, seconds } from "./readers.ts";
import { httpUrl, model } from "./schemas.ts";
import * as read from "./variable.ts";

const retryableErrors: z.ZodType<readonly ErrorKind[]> = z.lazy(() =>
  z.array(
    z.enum(retryableKinds, {
      error: ({ input }) => `is ${shown(input)}, which is not an error that can be retried`,
    }),
  ),
);

/** An object with the names of roles, which are ids of a call. */
function byRole<T>(value: z.ZodType<T>, problem: string): z.ZodType<Readonly<Record<string, T>>> {
  const error: z.core.$ZodErrorMap = ({ code }) =>
    code === "invalid_key"
      ? "cannot be the name of a role: it must have 1 to 256 characters, and no control characters"
      : problem;
  return z.lazy(() => z.record(id, value, { error }));
}

const maxFallbacks = 20;

/**
 * Every setting by the name of its option: the only list of the variables in the environment.
 * Durations are seconds in the environment and milliseconds in code.
 */
export const variables = {
  /** Key of the OpenRouter account. Env `OPENROUTER_API_KEY`. */
  openRouterApiKey: read.secret(
    "OPENROUTER_API_KEY",
    "a key of OpenRouter (https://openrouter.ai/settings/keys)",
    "sk-or-v1-…",
  ),
  /** Where the first attempt of a call goes. Env `PREFERRED_LLM_PROVIDER`. */
  preferredProvider: read.choice("PREFERRED_LLM_PROVIDER", ["openrouter", "portkey"], {
    initial: "openrouter",
    problem: "is not a known provider",
  }),
  /** Model of every role without a model. Env `OPENROUTER_DEFAULT_MODEL`. */
  defaultModel: read.withDefault<string>("OPENROUTER_DEFAULT_MODEL", "openai/gpt-4o", {
    schema: model,
    expected: "a model id of https://openrouter.ai/models",
    example: "openai/gpt-4o-mini",
  }),
  /** Root of an OpenAI-compatible API. Env `OPENROUTER_BASE_URL`. */
  baseUrl: read.withDefault<string>("OPENROUTER_BASE_URL", "https://openrouter.ai/api/v1", {
    schema: httpUrl,
    expected: "the root of an OpenAI-compatible API",
    example: "http://127.0.0.1:11434/v1",
  }),
  /** Headers of every request to OpenRouter. Env `OPENROUTER_HEADERS`, JSON. */
  headers: read.withDefault(
    "OPENROUTER_HEADERS",
    {},
    {
      read: json,
      schema: headersSchema,
      expected: "a JSON object of header names and values",
      example: `'{"HTTP-Referer":"https://example.com","X-Title":"My project"}'`,
    },
  ),
  /** OpenRouter's provider routing for every request to it. Env `OPENROUTER_PROVIDER`, JSON. */
  provider: read.withDefault<ProviderRouting>(
    "OPENROUTER_PROVIDER",
    {},
    {
      read: json,
      schema: providerRoutingSchema,
      expected: "a JSON object of OpenRouter's provider routing",
      example: `'{"sort":"throughput","data_collection":"deny"}'`,
    },
  ),
  /** Role to model. Env `AGENT_MODEL_MAP`, JSON. */
  agentModels: read.withDefault<Readonly<Record<string, string>>>(
    "AGENT_MODEL_MAP",
    {},
    {
      read: json,
      schema: byRole(model, "must be a JSON object of roles and model ids"),
      expected: "a JSON object of roles and model ids",
      example: `'{"researcher":"openai/gpt-4o"}'`,
    },
  ),
  /** Role to fields of its requests to OpenRouter. Env `AGENT_REQUEST_MAP`, JSON. */
  agentRequests: read.withDefault<Readonly<Record<string, RequestFields>>>(
    "AGENT_REQUEST_MAP",
    {},
    {
      read: json,
      schema: byRole(requestFieldsSchema, "must be a JSON object of roles and request fields"),
      expected: "a JSON object of roles and request fields",
      example: `'{"researcher":{"plugins":[{"id":"web"}],"reasoning":{"effort":"low"}}}'`,
    },
  ),
  /** Model that computes vectors of documents and queries, for hybrid search. Env `DOCUMENTS_EMBEDDING_MODEL`. */
  documentsEmbeddingModel: read.withoutDefault<string>("DOCUMENTS_EMBEDDING_MODEL", {
    schema: model,
    expected: "a model id of https://openrouter.ai/models?output_modalities=embeddings",
    example: "openai/text-embedding-3-small",
  }),
  /** Model that sorts the passages that search finds. Env `DOCUMENTS_RERANK_MODEL`. */
  documentsRerankModel: read.withoutDefault<string>("DOCUMENTS_RERANK_MODEL", {
    schema: model,
    expected: "a model id of https://openrouter.ai/models?output_modalities=rerank",
    example: "cohere/rerank-v3.5",
  }),
  /** Timeout of one attempt, in milliseconds. Env `LLM_REQUEST_TIMEOUT`, seconds. */
  requestTimeoutMs: read.duration("LLM_REQUEST_TIMEOUT", 30),
  /** Timeout of an attempt's first token, in milliseconds. Env `LLM_FIRST_TOKEN_TIMEOUT`, seconds. */
  firstTokenTimeoutMs: read.optionalDuration("LLM_FIRST_TOKEN_TIMEOUT", "10"),
  /** Maximum pause between two pieces of an answer, in milliseconds. Env `LLM_STALL_TIMEOUT`, seconds. */
  stallTimeoutMs: read.duration("LLM_STALL_TIMEOUT", 20),
  /**
   * Maximum time for which the reader of a stream does not read, in milliseconds: the stream is then
   * closed. Env `LLM_READER_TIMEOUT`, seconds.
   */
  readerTimeoutMs: read.duration("LLM_READER_TIMEOUT", 300),
  /** Timeout of a call with its retries, fallbacks and waits, in milliseconds. Env `LLM_CALL_TIMEOUT`, seconds. */
  callTimeoutMs: read.optionalDuration("LLM_CALL_TIMEOUT", "120"),
  /** Further attempts at the same model. Env `LLM_MAX_RETRIES`. */
  maxRetries: read.whole("LLM_MAX_RETRIES", { initial: 3, max: 100 }),
  /** Maximum of the first wait, in milliseconds. Env `LLM_RETRY_DELAY`, seconds. */
  retryDelayMs: read.delay("LLM_RETRY_DELAY", 1),
  /** Maximum of any wait, in milliseconds. Env `LLM_RETRY_MAX_DELAY`, seconds. */
  retryMaxDelayMs: read.delay(
    "LLM_RETRY_MAX_DELAY",
    60,
    "a number of seconds, LLM_RETRY_DELAY or more",
  ),
  /**
   * Maximum time for which one refusal by the server holds back other requests of the account, in
   * milliseconds; a refusal of the day ends with the UTC day. Env `LLM_REFUSAL_MAX_DELAY`, seconds.
   */
  refusalMaxDelayMs: read.duration("LLM_REFUSAL_MAX_DELAY", 300),
  /** Kinds of error to retry. Env `LLM_RETRYABLE_ERRORS`, separated by commas. */
  retryableErrors: read.withDefault<readonly ErrorKind[]>(
    "LLM_RETRYABLE_ERRORS",
    defaultRetryableKinds,
    {
      read: list,
      schema: retryableErrors,
      expected: `some of ${retryableKinds.join(", ")}, separated by commas`,
      example: defaultRetryableKinds.join(","),
    },
  ),
  /**
   * Limits of the account. Env `OPENROUTER_TIER`.
   *
   * - `auto`: only free models are limited, as OpenRouter limits them.
   * - `free`: every request counts, 20 a minute and 50 a day.
   * - `pro`: every request counts, 60 a minute and 1,000 a day.
   */
  tier: read.choice("OPENROUTER_TIER", ["auto", "free", "pro"], {
    initial: "auto",
    problem: "is not a tier",
  }),
  /** Requests in any minute; `Infinity` for no limit. Replaces the tier's. Env `LLM_REQUESTS_PER_MINUTE`. */
  requestsPerMinute: read.count("LLM_REQUESTS_PER_MINUTE", "requests", "60"),
  /** Requests in a UTC day; `Infinity` for no limit. Replaces the tier's. Env `LLM_REQUESTS_PER_DAY`. */
  requestsPerDay: read.count("LLM_REQUESTS_PER_DAY", "requests", "1000"),
  /** Tokens in any minute. Env `LLM_TOKENS_PER_MINUTE`. */
  tokensPerMinute: read.count("LLM_TOKENS_PER_MINUTE", "tokens", "200000"),
  /** Requests in flight at one time. Env `LLM_MAX_CONCURRENCY`. */
  maxConcurrency: read.count("LLM_MAX_CONCURRENCY", "requests", "16"),
  /** Whether a call fails or waits when the day's requests are used up. Env `LLM_ON_QUOTA`. */
  onQuota: read.choice("LLM_ON_QUOTA", ["fail", "wait"], {
    initial: "fail",
    problem: "is not a valid action",
  }),
  /** US dollars that one call may cost, with its retries and fallbacks. Env `LLM_BUDGET_USD_PER_CALL`. */
  budgetUsdPerCall: read.usd("LLM_BUDGET_USD_PER_CALL"),
  /** US dollars that one run may cost. Env `LLM_BUDGET_USD_PER_RUN`. */
  budgetUsdPerRun: read.usd("LLM_BUDGET_USD_PER_RUN"),
  /** US dollars that one UTC day may cost. Env `LLM_BUDGET_USD_PER_DAY`. */
  budgetUsdPerDay: read.usd("LLM_BUDGET_USD_PER_DAY"),
  /** Tokens that one call may use. Env `LLM_BUDGET_TOKENS_PER_CALL`. */
  budgetTokensPerCall: read.count("LLM_BUDGET_TOKENS_PER_CALL", "tokens", "20000"),
  /** Tokens that one run may use. Env `LLM_BUDGET_TOKENS_PER_RUN`. */
  budgetTokensPerRun: read.count("LLM_BUDGET_TOKENS_PER_RUN", "tokens", "100000"),
  /** Tokens that one UTC day may use. Env `LLM_BUDGET_TOKENS_PER_DAY`. */
  budgetTokensPerDay: read.count("LLM_BUDGET_TOKENS_PER_DAY", "tokens", "1000000"),
  /** Requests that one call may send, to all its models together. Env `LLM_CALL_MAX_ATTEMPTS`. */
  callMaxAttempts: read.count("LLM_CALL_MAX_ATTEMPTS", "requests", "10"),
  /**
   * When a second request races a slow first one, in milliseconds, or `"p95"` for the role's 95th
   * percentile. Env `LLM_HEDGE_AFTER`, seconds or `p95`.
   */
  hedgeAfterMs: read.withoutDefault<number | "p95">("LLM_HEDGE_AFTER", {
    read: (value) => (value === "p95" ? value : seconds(value)),
    schema: z.lazy(() => {
      const problem = "must be greater than 0, or p95";
      return z.union([z.literal("p95"), read.durationMs().positive(problem)], problem);
    }),
    expected: "a number of seconds greater than 0, or p95",
    example: "p95",
  }),
  /** Whether identical calls in flight are sent once. Env `LLM_COALESCE`. */
  coalesce: read.flag("LLM_COALESCE"),
  /** How long a route is skipped after it failed, in milliseconds. Env `LLM_CIRCUIT_COOLDOWN`, seconds. */
  circuitCooldownMs: read.duration("LLM_CIRCUIT_COOLDOWN", 30),
  /** Key of Portkey; not needed for a self-hosted gateway. Env `PORTKEY_API_KEY`. */
  portkeyApiKey: read.secret(
    "PORTKEY_API_KEY",
    "a key of Portkey (https://app.portkey.ai)",
    "pk-…",
  ),
  /** URL of a self-hosted Portkey gateway. Env `PORTKEY_GATEWAY_URL`. */
  portkeyGatewayUrl: read.url(
    "PORTKEY_GATEWAY_URL",
    "the URL of a Portkey gateway",
    "http://127.0.0.1:8787/v1",
  ),
  /**
   * Whether Orchestra or the gateway falls back if `PREFERRED_LLM_PROVIDER` is `portkey`. Env `PORTKEY_MODE`.
   *
   * - `client`: Orchestra, which sees every way in which an answer fails.
   * - `gateway`: the gateway, which gets all models in one config and sees HTTP statuses.
   */
  portkeyMode: read.choice("PORTKEY_MODE", ["client", "gateway"], {
    initial: "client",
    problem: "is not a mode",
  }),
  /** Trace id of every call; without it each run gets its own. Env `TRACE_ID`. */
  traceId: read.withoutDefault("TRACE_ID", {
    schema: traceId,
    expected: "an id for the traces of all calls",
    example: "nightly-2026-11-22",
  }),
  /** Portkey's virtual key for fallbacks without one. Env `VIRTUAL_KEY`. */
  virtualKey: read.secret("VIRTUAL_KEY", "a virtual key of Portkey", "openai-prod-…"),
  /** Models to fall back on, through Portkey, in this order. Env `PORTKEY_FALLBACKS`, JSON. */
  fallbacks: read.withDefault<readonly FallbackEntry[]>("PORTKEY_FALLBACKS", [], {
    read: json,
    schema: z.lazy(() =>
      z
        .array(fallbackEntrySchema, "must be a JSON array of fallbacks")
        .max(maxFallbacks, `has more than ${maxFallbacks} entries`),
    ),
    expected: `a JSON array of up to ${maxFallbacks} objects with provider and model`,
    example: `'[{"provider":"openai","model":"gpt-4o"}]'`,
  }),
  /** Whether a paid model may take over from a free one. Env `LLM_ALLOW_PAID_FALLBACK`. */
  allowPaidFallback: read.flag("LLM_ALLOW_PAID_FALLBACK"),
  /** Whether a call falls back if a model refuses it for its content. Env `LLM_FALLBACK_ON_REFUSAL`. */
  fallbackOnRefusal: read.flag("LLM_FALLBACK_ON_REFUSAL"),
  /** How often a live stream that broke starts again, with an event. Env `LLM_STREAM_RESTARTS`. */
  streamRestarts: read.whole("LLM_STREAM_RESTARTS", { initial: 0, max: 10 }),
  /** Maximum size of one answer, streamed or whole. Env `LLM_MAX_ANSWER_BYTES`. */
  maxAnswerBytes: read.size("LLM_MAX_ANSWER_BYTES", "bytes", 64 * 2 ** 20),
  /** Maximum size of one event of a stream, of an answer that is one JSON document, and of the texts of a stream together. Env `LLM_MAX_EVENT_BYTES`. */
  maxEventBytes: read.size("LLM_MAX_EVENT_BYTES", "bytes", 16 * 2 ** 20),
  /** How much of the body of an error is read. Env `LLM_MAX_ERROR_BYTES`. */
  maxErrorBytes: read.size("LLM_MAX_ERROR_BYTES", "bytes", 256 * 2 ** 10),
  /** Maximum size of the catalog of models. Env `LLM_MAX_CATALOG_BYTES`. */
  maxCatalogBytes: read.size("LLM_MAX_CATALOG_BYTES", "bytes", 32 * 2 ** 20),
  /** Maximum size of an answer about the key or about a generation. Env `LLM_MAX_LOOKUP_BYTES`. */
  maxLookupBytes: read.size("LLM_MAX_LOOKUP_BYTES", "bytes", 2 ** 20),
  /** Tool calls that one answer may have. Env `LLM_MAX_TOOL_CALLS`. */
  maxToolCalls: read.size("LLM_MAX_TOOL_CALLS", "tool calls", 128),
  /**
   * Timeout of one call of an agent's tool, of a check of an answer, and of a policy of your own once it
   * has its answer, in milliseconds. Env `LLM_TOOL_TIMEOUT`, seconds.
   */
  toolTimeoutMs: read.duration("LLM_TOOL_TIMEOUT", 300),
  /** Characters of a tool's result that the model gets; the rest is cut off. Env `LLM_MAX_TOOL_RESULT`. */
  maxToolResult: read.size("LLM_MAX_TOOL_RESULT", "characters", 200_000),
  /** Minimum level of log entries. Env `LOG_LEVEL`. */
  logLevel: read.choice("LOG_LEVEL", ["error", "warn", "info", "debug", "silent"], {
    initial: "info",
    problem: "is not a log level",
  }),
  /** Whether prompts and answers are kept in records and logged. Env `LOG_PROMPTS`. */
  logPrompts: read.flag("LOG_PROMPTS"),
} as const;
