import type { OrchestraEvent } from "@orchestra/core";
import { noUsage, type RunUsage } from "../runs/index.ts";

/** An event with the usage of a call: its end, or a cost that became known later. */
export type UsageEvent = OrchestraEvent & { readonly type: "call-end" | "reconcile" };

export function isUsageEvent(event: OrchestraEvent): event is UsageEvent {
  return event.type === "call-end" || event.type === "reconcile";
}

/** The usage that an event adds to its call. */
export function usageOf(event: UsageEvent): RunUsage {
  if (event.type === "reconcile") return { ...noUsage, ...event.missing };
  const { record } = event;
  return {
    calls: 1,
    failedCalls: record.status === "failed" ? 1 : 0,
    attempts: record.attempts.length,
    unknownUsageAttempts: record.unknownUsageAttempts ?? 0,
    unknownCostAttempts: record.unknownCostAttempts ?? 0,
    promptTokens: record.promptTokens,
    completionTokens: record.completionTokens,
    cachedTokens: record.cachedTokens,
    reasoningTokens: record.reasoningTokens,
    costUsd: record.costUsd,
  };
}

export function addUsage(a: RunUsage, b: RunUsage): RunUsage {
  return {
    calls: a.calls + b.calls,
    failedCalls: a.failedCalls + b.failedCalls,
    attempts: a.attempts + b.attempts,
    unknownUsageAttempts: a.unknownUsageAttempts + b.unknownUsageAttempts,
    unknownCostAttempts: a.unknownCostAttempts + b.unknownCostAttempts,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    costUsd: a.costUsd + b.costUsd,
  };
}
