import { randomUUID } from "node:crypto";
import type { Clock } from "../clock/index.ts";
import { Budget, type BudgetLimit, type BudgetStore } from "../resilience/budget/index.ts";
import { CircuitBreakers } from "../resilience/circuit-breaker/index.ts";
import { Coalescer } from "../resilience/coalesce/index.ts";
import { LatencyTracker } from "../resilience/hedge/index.ts";
import type { OpenRouterApi } from "../routes/index.ts";
import { createRedactor, type Settings } from "../settings/index.ts";
import type { Account } from "./account/account.ts";
import { OpenRuns } from "./open-runs.ts";
import { Reconciler } from "./reconciler.ts";
import type { CallServices } from "./services.ts";

export interface CreateServicesOptions extends Pick<
  CallServices,
  "emit" | "emitsText" | "nearestModels"
> {
  readonly settings: Settings;
  readonly account: Account;
  readonly api: OpenRouterApi;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  readonly budgetStore?: BudgetStore | undefined;
  /** Receives errors of a given budget store that must not fail the call. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Creates all services that the calls of one `Orchestra` share, from the settings. */
export function createServices(options: CreateServicesOptions): CallServices {
  const { settings, account, api, clock, emit, emitsText } = options;
  const limits = budgetLimits(settings);
  const isSet = (unit: keyof BudgetLimit) =>
    Object.values(limits).some((limit) => limit[unit] !== undefined);
  const needsPrices = isSet("maxUsd");
  const hasBudget = needsPrices || isSet("maxTokens");
  const budget = new Budget({
    limits,
    clock,
    store: options.budgetStore,
    onError: options.onError,
  });
  return {
    clock,
    random: options.random ?? Math.random,
    createId: randomUUID,
    emit,
    emitsText,
    account,
    keepsContent: settings.logPrompts,
    traceId: settings.traceId,
    nearestModels: options.nearestModels,
    toolLimits: {
      clock,
      timeoutMs: settings.toolTimeoutMs,
      maxResult: settings.maxToolResult,
      redact: createRedactor(settings),
    },
    fallbackRules: {
      allowsPaid: settings.allowPaidFallback,
      allowsRefused: settings.fallbackOnRefusal,
    },
    maxAttempts: settings.callMaxAttempts,
    budget,
    openRuns: hasBudget ? new OpenRuns(budget) : undefined,
    needsPrices,
    countsTokens: settings.tokensPerMinute !== undefined,
    breakers: new CircuitBreakers({
      clock,
      cooldownMs: settings.circuitCooldownMs,
      onStateChange: ({ key: route, from, to, cooldownMs }) =>
        emit({ type: "circuit", route, from, to, cooldownMs }),
    }),
    reconciler: new Reconciler({ api, clock, maxBytes: settings.maxLookupBytes }),
    latencies: settings.hedgeAfterMs === "p95" ? new LatencyTracker() : undefined,
    hedgeAfterMs: settings.hedgeAfterMs,
    coalescer: settings.coalesce ? new Coalescer() : undefined,
  };
}

function budgetLimits(settings: Settings): Record<"call" | "run" | "day", BudgetLimit> {
  return {
    call: limit(settings.budgetUsdPerCall, settings.budgetTokensPerCall),
    run: limit(settings.budgetUsdPerRun, settings.budgetTokensPerRun),
    day: limit(settings.budgetUsdPerDay, settings.budgetTokensPerDay),
  };
}

function limit(maxUsd: number | undefined, maxTokens: number | undefined): BudgetLimit {
  return { maxUsd, maxTokens: maxTokens === Infinity ? undefined : maxTokens };
}
