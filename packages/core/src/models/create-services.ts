import { randomUUID } from "node:crypto";
import type { Clock } from "../clock/index.ts";
import {
  Budget,
  type BudgetLimit,
  type BudgetScope,
  type BudgetStore,
} from "../resilience/budget/index.ts";
import { CircuitBreakers } from "../resilience/circuit-breaker/index.ts";
import { Coalescer } from "../resilience/coalesce/index.ts";
import { LatencyTracker } from "../resilience/hedge/index.ts";
import type { Settings } from "../settings/index.ts";
import type { EventListener } from "../usage/index.ts";
import type { Account } from "./account.ts";
import { Admission } from "./admission.ts";
import { Reconciler } from "./reconciler.ts";
import type { CallServices } from "./services.ts";

export interface CreateServicesOptions extends Pick<CallServices, "record" | "correct"> {
  readonly settings: Settings;
  readonly account: Account;
  readonly clock: Clock;
  readonly random?: (() => number) | undefined;
  readonly fetch?: typeof fetch | undefined;
  readonly budgetStore?: BudgetStore | undefined;
  readonly onEvent: EventListener;
}

/** Everything that the calls of one orchestra share, as the settings ask for it. */
export function createServices(options: CreateServicesOptions): CallServices {
  const { settings, clock, fetch, onEvent, record, correct, random = Math.random } = options;
  return {
    clock,
    random,
    createId: randomUUID,
    onEvent,
    record,
    correct,
    keepsContent: settings.logPrompts,
    traceId: settings.traceId,
    takeOver: {
      allowsPaid: settings.allowPaidFallback,
      allowsRefused: settings.fallbackOnRefusal,
    },
    maxAttempts: settings.callMaxAttempts,
    admission: createAdmission(options),
    breakers: new CircuitBreakers({
      clock,
      cooldownMs: settings.circuitCooldownMs,
      onStateChange: ({ key: route, from, to, cooldownMs }) =>
        onEvent({ type: "circuit", route, from, to, cooldownMs }),
    }),
    reconciler: new Reconciler({
      baseUrl: settings.baseUrl,
      apiKey: settings.openRouterApiKey,
      clock,
      fetch,
    }),
    latencies: new LatencyTracker(),
    hedgeAfterMs: settings.hedgeAfterMs,
    coalescer: settings.coalesce ? new Coalescer() : undefined,
  };
}

function createAdmission(options: CreateServicesOptions): Admission {
  const { settings, account, clock, budgetStore: store } = options;
  const limits = budgetLimits(settings);
  const isSet = (unit: keyof BudgetLimit) =>
    Object.values(limits).some((limit) => limit[unit] !== undefined);
  const needsPrices = isSet("maxUsd");
  return new Admission({
    account,
    // Without a budget nothing has to be estimated, and nothing costs time.
    budget: needsPrices || isSet("maxTokens") ? new Budget({ limits, clock, store }) : undefined,
    needsPrices,
    countsTokens: settings.tokensPerMinute !== undefined,
  });
}

function budgetLimits(settings: Settings): Record<BudgetScope, BudgetLimit> {
  return {
    call: limit(settings.budgetUsdPerCall, settings.budgetTokensPerCall),
    run: limit(settings.budgetUsdPerRun, settings.budgetTokensPerRun),
    day: limit(settings.budgetUsdPerDay, settings.budgetTokensPerDay),
  };
}

function limit(maxUsd: number | undefined, maxTokens: number | undefined): BudgetLimit {
  return { maxUsd, maxTokens: maxTokens === Infinity ? undefined : maxTokens };
}
