import type { Random } from "../random.ts";
import { baseUrl, gatewayUrl, type World } from "./world.ts";

/** The settings of one simulation as numbers; durations in milliseconds. */
export interface SimulatedSettings {
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  readonly retryMaxDelayMs: number;
  readonly requestTimeoutMs: number;
  readonly firstTokenTimeoutMs: number | undefined;
  readonly stallTimeoutMs: number;
  readonly callTimeoutMs: number | undefined;
  readonly hedgeAfterMs: number | "p95" | undefined;
  readonly requestsPerMinute: number;
  readonly requestsPerDay: number;
  readonly tokensPerMinute: number;
  readonly maxConcurrency: number;
  readonly budgetTokens: Budgets;
  readonly budgetUsd: Budgets;
  readonly callMaxAttempts: number;
  readonly coalesce: boolean;
  readonly streamRestarts: number;
  readonly cooldownMs: number;
  readonly waitsForQuota: boolean;
}

/** Limits for each scope; `Infinity` for none. */
export type Budgets = Readonly<Record<"call" | "run" | "day", number>>;

const none: Budgets = { call: Infinity, run: Infinity, day: Infinity };

export function drawSettings(random: Random): SimulatedSettings {
  const orNone = (probability: number, min: number, max: number) =>
    random.chance(probability) ? random.whole(min, max) : Infinity;
  const retryDelayMs = random.pick([10, 200, 1_000]);
  const hedgeAfterMs = random.pick<number | "p95" | undefined>([
    undefined,
    undefined,
    "p95",
    500,
    3_000,
  ]);
  return {
    maxRetries: random.whole(0, 4),
    retryDelayMs,
    retryMaxDelayMs: Math.max(retryDelayMs, random.pick([2_000, 20_000, 60_000])),
    requestTimeoutMs: random.pick([5_000, 30_000, 60_000]),
    firstTokenTimeoutMs: random.pick([undefined, 2_000, 10_000]),
    stallTimeoutMs: random.pick([2_000, 20_000]),
    callTimeoutMs: random.pick([undefined, undefined, 8_000, 45_000, 120_000]),
    hedgeAfterMs,
    requestsPerMinute: orNone(0.4, 5, 60),
    requestsPerDay: orNone(0.1, 10, 60),
    tokensPerMinute: orNone(0.25, 1_500, 20_000),
    maxConcurrency: orNone(0.4, 1, 12),
    budgetTokens: random.chance(0.3)
      ? {
          call: orNone(0.5, 300, 3_000),
          run: orNone(0.5, 1_000, 20_000),
          day: orNone(0.5, 2_000, 40_000),
        }
      : none,
    budgetUsd: random.chance(0.25)
      ? {
          call: orNone(0.5, 1, 20) / 1_000,
          run: orNone(0.5, 2, 80) / 1_000,
          day: orNone(0.5, 5, 200) / 1_000,
        }
      : none,
    callMaxAttempts: orNone(0.4, 1, 8),
    coalesce: random.chance(0.25),
    streamRestarts: random.pick([0, 0, 1, 3]),
    cooldownMs: random.pick([1_000, 10_000, 30_000]),
    waitsForQuota: random.chance(0.2),
  };
}

/** The settings as environment variables. */
export function environmentOf(settings: SimulatedSettings, world: World): Record<string, string> {
  const values: Record<string, string | undefined> = {
    OPENROUTER_API_KEY: "sk-or-v1-simulated-0123456789",
    OPENROUTER_BASE_URL: baseUrl,
    OPENROUTER_DEFAULT_MODEL: world.primaries.general.model,
    AGENT_MODEL_MAP: JSON.stringify({ researcher: world.primaries.researcher.model }),
    PORTKEY_GATEWAY_URL: gatewayUrl,
    PORTKEY_FALLBACKS: JSON.stringify(
      world.fallbacks.map(({ provider, model }) => ({ provider, model })),
    ),
    LLM_ALLOW_PAID_FALLBACK: "true",
    LLM_MAX_RETRIES: String(settings.maxRetries),
    LLM_RETRY_DELAY: seconds(settings.retryDelayMs),
    LLM_RETRY_MAX_DELAY: seconds(settings.retryMaxDelayMs),
    LLM_REQUEST_TIMEOUT: seconds(settings.requestTimeoutMs),
    LLM_FIRST_TOKEN_TIMEOUT: seconds(settings.firstTokenTimeoutMs),
    LLM_STALL_TIMEOUT: seconds(settings.stallTimeoutMs),
    LLM_CALL_TIMEOUT: seconds(settings.callTimeoutMs),
    LLM_HEDGE_AFTER: settings.hedgeAfterMs === "p95" ? "p95" : seconds(settings.hedgeAfterMs),
    LLM_REQUESTS_PER_MINUTE: finite(settings.requestsPerMinute),
    LLM_REQUESTS_PER_DAY: finite(settings.requestsPerDay),
    LLM_TOKENS_PER_MINUTE: finite(settings.tokensPerMinute),
    LLM_MAX_CONCURRENCY: finite(settings.maxConcurrency),
    LLM_CALL_MAX_ATTEMPTS: finite(settings.callMaxAttempts),
    LLM_COALESCE: String(settings.coalesce),
    LLM_STREAM_RESTARTS: String(settings.streamRestarts),
    LLM_CIRCUIT_COOLDOWN: seconds(settings.cooldownMs),
    LLM_ON_QUOTA: settings.waitsForQuota ? "wait" : "fail",
    ...budgetVariables("TOKENS", settings.budgetTokens),
    ...budgetVariables("USD", settings.budgetUsd),
  };
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

function budgetVariables(
  unit: "TOKENS" | "USD",
  limits: Budgets,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(limits).map(([scope, limit]) => [
      `LLM_BUDGET_${unit}_PER_${scope.toUpperCase()}`,
      finite(limit),
    ]),
  );
}

function seconds(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : String(ms / 1_000);
}

function finite(limit: number): string | undefined {
  return limit === Infinity ? undefined : String(limit);
}
