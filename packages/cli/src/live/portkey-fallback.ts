import type { CallRecord, Settings } from "@orchestra/core/gateway";
import { Orchestra } from "@orchestra/core";
import type { Sandbox } from "@orchestra/sandbox";
import type { LiveResult } from "./live-result.ts";
import { maxTokens } from "./probes.ts";

const probe = { id: "portkey-fallback", title: "a fallback through Portkey" } as const;

/** No server has this model, so each call falls back. */
const missingModel = "orchestra/no-such-model";

/** A missing model has no price, so with a budget in dollars the call would be refused. */
const noBudgets = {
  budgetUsdPerCall: undefined,
  budgetUsdPerRun: undefined,
  budgetUsdPerDay: undefined,
} as const;

export interface FallbackOptions {
  readonly settings: Settings;
  readonly sandbox: Sandbox;
  /** The rest of the budget, in US dollars. */
  readonly leftUsd: number;
  /** Maximum cost of the fallback, in US dollars; `undefined` if the catalog does not have its price. */
  readonly maxCostUsd: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Makes a call whose model does not exist, with the user's settings and on the sandbox, and compares who answered.
 *
 * @throws the signal's reason on an abort
 */
export async function tryFallback(options: FallbackOptions): Promise<LiveResult> {
  const { settings, sandbox, leftUsd, maxCostUsd, signal } = options;
  if (settings.fallbacks.length === 0) return skipped("PORTKEY_FALLBACKS is not set.");
  if (maxCostUsd === undefined) return skipped("The price of the first fallback is not known.");
  if (maxCostUsd > leftUsd) return skipped("The first fallback could cost more than is left.");
  const record = await call(settings, signal);
  const sandboxSettings = {
    ...settings,
    baseUrl: sandbox.url,
    portkeyGatewayUrl: sandbox.gatewayUrl,
  };
  const expected = await call(sandboxSettings, signal);
  const { costUsd } = record;
  if (record.status !== "succeeded") {
    const differences = [record.error?.message ?? record.status];
    return { ...probe, outcome: "failed", differences, costUsd };
  }
  const differences = (["status", "via", "fallbackUsed"] as const).flatMap((field) =>
    record[field] === expected[field]
      ? []
      : [`${field} is ${String(record[field])}; the sandbox has ${String(expected[field])}`],
  );
  return { ...probe, outcome: differences.length > 0 ? "different" : "same", differences, costUsd };
}

function skipped(reason: string): LiveResult {
  return { ...probe, outcome: "skipped", differences: [reason], costUsd: 0 };
}

async function call(settings: Settings, signal: AbortSignal): Promise<CallRecord> {
  const { promise, resolve } = Promise.withResolvers<CallRecord>();
  const orchestra = new Orchestra({
    settings: {
      ...settings,
      ...noBudgets,
      defaultModel: missingModel,
      agentModels: {},
      preferredProvider: "openrouter",
      logLevel: "silent",
      // One request for the model that does not exist, and one for the fallback.
      callMaxAttempts: 2,
      allowPaidFallback: true,
    },
    environment: {},
    onCall: resolve,
  });
  const messages = [{ role: "user" as const, content: "Say hello in one word." }];
  const request = { messages, max_tokens: maxTokens };
  // The error of a failed call is in its record.
  await orchestra.completions.create(request, { signal }).catch(() => signal.throwIfAborted());
  return await promise;
}
