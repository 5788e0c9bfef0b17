import type { CallRecord, Settings } from "@orchestra/core/gateway";
import { Orchestra } from "@orchestra/core";
import type { Sandbox } from "@orchestra/sandbox";
import type { LiveResult } from "./live-result.ts";
import { maxTokens } from "./probes.ts";

const probe = { id: "portkey-fallback", title: "a fallback through Portkey" } as const;

/** No server has it: every call falls back. */
const missingModel = "orchestra/no-such-model";

/** No budget in dollars can be kept with a model whose price is not known, as that of a missing one. */
const noBudgets = {
  budgetUsdPerCall: undefined,
  budgetUsdPerRun: undefined,
  budgetUsdPerDay: undefined,
} as const;

export interface FallbackOptions {
  readonly settings: Settings;
  readonly sandbox: Sandbox;
  /** What is left of the budget. */
  readonly leftUsd: number;
  /** What the fallback can cost at most; unknown where no catalog has its price. */
  readonly worstUsd: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Makes a call whose model does not exist, here and on the sandbox, and compares who answered.
 *
 * @throws the signal's reason on an abort
 */
export async function tryFallback(options: FallbackOptions): Promise<LiveResult> {
  const { settings, sandbox, leftUsd, worstUsd, signal } = options;
  if (settings.fallbacks.length === 0) return skipped("PORTKEY_FALLBACKS is not set.");
  if (worstUsd === undefined) return skipped("The price of the first fallback is not known.");
  if (worstUsd > leftUsd) return skipped("The first fallback could cost more than is left.");
  const there = await call(settings, signal);
  const sandboxSettings = {
    ...settings,
    baseUrl: sandbox.url,
    portkeyGatewayUrl: sandbox.gatewayUrl,
  };
  const here = await call(sandboxSettings, signal);
  const costUsd = there.costUsd;
  if (there.status !== "succeeded") {
    const differences = [there.error?.message ?? there.status];
    return { ...probe, outcome: "failed", differences, costUsd };
  }
  const differences = (["status", "via", "fallbackUsed"] as const).flatMap((field) =>
    there[field] === here[field]
      ? []
      : [`${field} is ${String(there[field])}; the sandbox has ${String(here[field])}`],
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
  // The record says how a call failed.
  await orchestra.completions.create(request, { signal }).catch(() => signal.throwIfAborted());
  return await promise;
}
