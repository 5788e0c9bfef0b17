import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { noUsage, type RunUsage } from "../runs/index.ts";

/** Adds up what the events of a run say that its calls took, from one flush to the next. */
export class UsageOfEvents {
  #sum = noUsage;

  hear(event: OrchestraEvent): void {
    if (event.type === "call-end") this.#sum = plus(this.#sum, lineOf(event.record));
    if (event.type === "reconcile") this.#sum = plus(this.#sum, { ...noUsage, ...event.missing });
  }

  /** What has come since the last call; nothing if nothing has. */
  take(): RunUsage | undefined {
    const sum = this.#sum;
    this.#sum = noUsage;
    return sum === noUsage ? undefined : sum;
  }
}

function lineOf(record: CallRecord): RunUsage {
  const { attempts, status, unknownUsageAttempts = 0, unknownCostAttempts = 0 } = record;
  return {
    ...record,
    calls: 1,
    failedCalls: status === "failed" ? 1 : 0,
    attempts: attempts.length,
    unknownUsageAttempts,
    unknownCostAttempts,
  };
}

function plus(a: RunUsage, b: RunUsage): RunUsage {
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
