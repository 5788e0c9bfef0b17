import { z } from "zod";
import { defaultRetryableKinds, retryableKinds } from "../errors/error-kinds.ts";
import { fallbackEntrySchema } from "./fallback-entry.ts";
import { boolean, json, limit, list, number, seconds, text, type Reader } from "./readers.ts";
import { httpUrl, key, model } from "./schemas.ts";
import type { Settings } from "./settings.ts";

/** How one setting is read, checked and explained. */
export interface Variable<Value> {
  /** Name in the environment. */
  readonly variable: string;
  readonly read: Reader;
  /** Checks the value, whether it was read from the environment or given in code. */
  readonly schema: z.ZodType<Value>;
  readonly expected: string;
  readonly example: string;
  readonly defaultValue?: Value;
}

const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const headerValue = /^[\t\x20-\x7e]*$/;
const longestTimerMs = 2 ** 31 - 1;

const headers = z
  .record(
    z.string(),
    z.string("must be a string"),
    "must be a JSON object of header names and values",
  )
  .superRefine((record, context) => {
    for (const [name, value] of Object.entries(record)) {
      if (!headerName.test(name)) {
        context.addIssue({
          code: "custom",
          message: `has a header name that HTTP does not allow: ${JSON.stringify(name)}`,
        });
      } else if (!headerValue.test(value)) {
        context.addIssue({
          code: "custom",
          path: [name],
          message: "has a character outside printable ASCII in it",
        });
      }
    }
  });

const duration = z
  .number("must be a number")
  .max(longestTimerMs, "is longer than a timer can wait (24 days)");

const wholeLimit = z.union(
  [z.literal(Infinity), z.int().positive()],
  "must be a whole number greater than 0, or none",
);

const names = defaultRetryableKinds.join(",");

/** Every setting by its option's name. The only list of what the environment may say. */
export const variables: { readonly [K in keyof Settings]-?: Variable<Settings[K]> } = {
  openRouterApiKey: {
    variable: "OPENROUTER_API_KEY",
    read: text,
    schema: key.optional(),
    expected: "a key of OpenRouter (https://openrouter.ai/settings/keys)",
    example: "sk-or-v1-…",
  },
  preferredProvider: {
    variable: "PREFERRED_LLM_PROVIDER",
    read: text,
    schema: z.enum(["openrouter", "portkey"], "is no provider that Orchestra knows"),
    expected: "openrouter or portkey",
    example: "openrouter",
    defaultValue: "openrouter",
  },
  defaultModel: {
    variable: "OPENROUTER_DEFAULT_MODEL",
    read: text,
    schema: model,
    expected: "a model id of https://openrouter.ai/models",
    example: "openai/gpt-4o",
    defaultValue: "openai/gpt-4o",
  },
  baseUrl: {
    variable: "OPENROUTER_BASE_URL",
    read: text,
    schema: httpUrl,
    expected: "the root of an OpenAI-compatible API",
    example: "https://openrouter.ai/api/v1",
    defaultValue: "https://openrouter.ai/api/v1",
  },
  headers: {
    variable: "OPENROUTER_HEADERS",
    read: json,
    schema: headers,
    expected: "a JSON object of header names and values",
    example: `'{"HTTP-Referer":"https://example.com","X-Title":"My project"}'`,
    defaultValue: {},
  },
  agentModels: {
    variable: "AGENT_MODEL_MAP",
    read: json,
    schema: z.record(z.string(), model, "must be a JSON object of roles and model ids"),
    expected: "a JSON object of roles and model ids",
    example: `'{"researcher":"openai/gpt-4o"}'`,
    defaultValue: {},
  },
  requestTimeoutMs: {
    variable: "LLM_REQUEST_TIMEOUT",
    read: seconds,
    schema: duration.positive("must be greater than 0"),
    expected: "a number of seconds greater than 0",
    example: "30",
    defaultValue: 30_000,
  },
  firstTokenTimeoutMs: {
    variable: "LLM_FIRST_TOKEN_TIMEOUT",
    read: seconds,
    schema: duration.positive("must be greater than 0").optional(),
    expected: "a number of seconds greater than 0",
    example: "10",
  },
  stallTimeoutMs: {
    variable: "LLM_STALL_TIMEOUT",
    read: seconds,
    schema: duration.positive("must be greater than 0"),
    expected: "a number of seconds greater than 0",
    example: "20",
    defaultValue: 20_000,
  },
  callTimeoutMs: {
    variable: "LLM_CALL_TIMEOUT",
    read: seconds,
    schema: duration.positive("must be greater than 0").optional(),
    expected: "a number of seconds greater than 0",
    example: "120",
  },
  maxRetries: {
    variable: "LLM_MAX_RETRIES",
    read: number,
    schema: z
      .number("must be a number")
      .multipleOf(1, "must be a whole number")
      .nonnegative("must not be negative")
      .max(100, "is more than 100"),
    expected: "a whole number from 0 to 100",
    example: "3",
    defaultValue: 3,
  },
  retryDelayMs: {
    variable: "LLM_RETRY_DELAY",
    read: seconds,
    schema: duration.nonnegative("must not be negative"),
    expected: "a number of seconds, 0 or more",
    example: "1.0",
    defaultValue: 1000,
  },
  retryMaxDelayMs: {
    variable: "LLM_RETRY_MAX_DELAY",
    read: seconds,
    schema: duration.nonnegative("must not be negative"),
    expected: "a number of seconds, no less than LLM_RETRY_DELAY",
    example: "60.0",
    defaultValue: 60_000,
  },
  retryableErrors: {
    variable: "LLM_RETRYABLE_ERRORS",
    read: list,
    schema: z.array(
      z.enum(retryableKinds, {
        error: ({ input }) =>
          `names ${JSON.stringify(input)}, which is no error that can be retried`,
      }),
    ),
    expected: `names out of ${retryableKinds.join(", ")}, separated by commas`,
    example: names,
    defaultValue: defaultRetryableKinds,
  },
  tier: {
    variable: "OPENROUTER_TIER",
    read: text,
    schema: z.enum(["auto", "free", "pro"], "is no tier"),
    expected: "auto, free or pro",
    example: "auto",
    defaultValue: "auto",
  },
  requestsPerMinute: {
    variable: "LLM_REQUESTS_PER_MINUTE",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of requests greater than 0, or none",
    example: "60",
  },
  requestsPerDay: {
    variable: "LLM_REQUESTS_PER_DAY",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of requests greater than 0, or none",
    example: "1000",
  },
  tokensPerMinute: {
    variable: "LLM_TOKENS_PER_MINUTE",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of tokens greater than 0, or none",
    example: "200000",
  },
  maxConcurrency: {
    variable: "LLM_MAX_CONCURRENCY",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of requests greater than 0, or none",
    example: "16",
  },
  onQuota: {
    variable: "LLM_ON_QUOTA",
    read: text,
    schema: z.enum(["fail", "wait"], "is nothing that a call can do"),
    expected: "fail or wait",
    example: "fail",
    defaultValue: "fail",
  },
  budgetUsdPerCall: {
    variable: "LLM_BUDGET_USD_PER_CALL",
    read: number,
    schema: z.number("must be a number").nonnegative("must not be negative").optional(),
    expected: "a number of US dollars, 0 or more",
    example: "0.50",
  },
  budgetUsdPerRun: {
    variable: "LLM_BUDGET_USD_PER_RUN",
    read: number,
    schema: z.number("must be a number").nonnegative("must not be negative").optional(),
    expected: "a number of US dollars, 0 or more",
    example: "0.50",
  },
  budgetUsdPerDay: {
    variable: "LLM_BUDGET_USD_PER_DAY",
    read: number,
    schema: z.number("must be a number").nonnegative("must not be negative").optional(),
    expected: "a number of US dollars, 0 or more",
    example: "0.50",
  },
  budgetTokensPerCall: {
    variable: "LLM_BUDGET_TOKENS_PER_CALL",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of tokens greater than 0, or none",
    example: "20000",
  },
  budgetTokensPerRun: {
    variable: "LLM_BUDGET_TOKENS_PER_RUN",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of tokens greater than 0, or none",
    example: "100000",
  },
  budgetTokensPerDay: {
    variable: "LLM_BUDGET_TOKENS_PER_DAY",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of tokens greater than 0, or none",
    example: "1000000",
  },
  callMaxAttempts: {
    variable: "LLM_CALL_MAX_ATTEMPTS",
    read: limit,
    schema: wholeLimit.optional(),
    expected: "a whole number of requests greater than 0, or none",
    example: "10",
  },
  hedgeAfterMs: {
    variable: "LLM_HEDGE_AFTER",
    read: (value) => (value === "p95" ? value : seconds(value)),
    schema: z
      .union([z.literal("p95"), duration.positive()], "must be more than 0, or p95")
      .optional(),
    expected: "a number of seconds greater than 0, or p95",
    example: "p95",
  },
  coalesce: {
    variable: "LLM_COALESCE",
    read: boolean,
    schema: z.boolean("must be true or false"),
    expected: "true or false",
    example: "false",
    defaultValue: false,
  },
  circuitCooldownMs: {
    variable: "LLM_CIRCUIT_COOLDOWN",
    read: seconds,
    schema: duration.positive("must be greater than 0"),
    expected: "a number of seconds greater than 0",
    example: "30",
    defaultValue: 30_000,
  },
  portkeyApiKey: {
    variable: "PORTKEY_API_KEY",
    read: text,
    schema: key.optional(),
    expected: "a key of Portkey (https://app.portkey.ai)",
    example: "pk-…",
  },
  portkeyGatewayUrl: {
    variable: "PORTKEY_GATEWAY_URL",
    read: text,
    schema: httpUrl.optional(),
    expected: "the URL of a Portkey gateway",
    example: "http://127.0.0.1:8787/v1",
  },
  portkeyMode: {
    variable: "PORTKEY_MODE",
    read: text,
    schema: z.enum(["client", "gateway"], "is no mode"),
    expected: "client or gateway",
    example: "client",
    defaultValue: "client",
  },
  traceId: {
    variable: "TRACE_ID",
    read: text,
    schema: z
      .string()
      .regex(
        /^[\x21-\x7e]{1,128}$/,
        "must be 1 to 128 characters of printable ASCII without spaces",
      )
      .optional(),
    expected: "an id for the traces of all calls",
    example: "nightly-2026-11-22",
  },
  virtualKey: {
    variable: "VIRTUAL_KEY",
    read: text,
    schema: key.optional(),
    expected: "a virtual key of Portkey",
    example: "openai-prod-…",
  },
  fallbacks: {
    variable: "PORTKEY_FALLBACKS",
    read: json,
    schema: z.array(fallbackEntrySchema, "must be a JSON array of fallbacks"),
    expected: "a JSON array of objects with provider and model",
    example: `'[{"provider":"openai","model":"gpt-4o"}]'`,
    defaultValue: [],
  },
  allowPaidFallback: {
    variable: "LLM_ALLOW_PAID_FALLBACK",
    read: boolean,
    schema: z.boolean("must be true or false"),
    expected: "true or false",
    example: "false",
    defaultValue: false,
  },
  fallbackOnRefusal: {
    variable: "LLM_FALLBACK_ON_REFUSAL",
    read: boolean,
    schema: z.boolean("must be true or false"),
    expected: "true or false",
    example: "false",
    defaultValue: false,
  },
  streamRestarts: {
    variable: "LLM_STREAM_RESTARTS",
    read: number,
    schema: z
      .int("must be a whole number")
      .nonnegative("must not be negative")
      .max(10, "is more than 10"),
    expected: "a whole number from 0 to 10",
    example: "1",
    defaultValue: 0,
  },
  logLevel: {
    variable: "LOG_LEVEL",
    read: text,
    schema: z.enum(["error", "warn", "info", "debug", "silent"], "is no log level"),
    expected: "error, warn, info, debug or silent",
    example: "info",
    defaultValue: "info",
  },
  logPrompts: {
    variable: "LOG_PROMPTS",
    read: boolean,
    schema: z.boolean("must be true or false"),
    expected: "true or false",
    example: "false",
    defaultValue: false,
  },
};
