import type { CallRecord, OrchestraEvent, Usage } from "@orchestra/core";
import type { RunUsage } from "../runs/index.ts";

const usageFields = [
  "promptTokens",
  "completionTokens",
  "cachedTokens",
  "reasoningTokens",
  "costUsd",
] as const satisfies readonly (keyof Usage)[];

const nothing: RunUsage = {
  calls: 0,
  failedCalls: 0,
  attempts: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};

/** Adds up what the events of a run say that its calls took, from one flush to the next. */
export class UsageOfEvents {
  #sum = nothing;
  /** What was booked of each attempt, for corrections to compare with. */
  readonly #booked = new Map<string, CallRecord>();

  hear(event: OrchestraEvent): void {
    if (event.type === "call-end") this.#book(event.record);
    if (event.type === "reconcile") this.#correct(event.callId, event.attempt, event.usage);
  }

  /** What has come since the last call; nothing if nothing has. */
  take(): RunUsage | undefined {
    const sum = this.#sum;
    this.#sum = nothing;
    return sum === nothing ? undefined : sum;
  }

  /** Puts back what could not be kept. */
  putBack(usage: RunUsage | undefined): void {
    if (usage) this.#sum = plus(this.#sum, usage);
  }

  #book(record: CallRecord): void {
    this.#booked.set(record.id, record);
    const { attempts, status } = record;
    const failedCalls = status === "failed" ? 1 : 0;
    const line = { ...record, calls: 1, failedCalls, attempts: attempts.length };
    this.#sum = plus(this.#sum, line);
  }

  #correct(callId: string, attempt: number, usage: Usage): void {
    const booked = this.#booked.get(callId)?.attempts.find(({ number }) => number === attempt);
    const missing = Object.fromEntries(
      usageFields.map((field) => [field, usage[field] - (booked?.[field] ?? 0)]),
    ) as unknown as Usage;
    this.#sum = plus(this.#sum, { ...nothing, ...missing });
  }
}

function plus(a: RunUsage, b: RunUsage): RunUsage {
  return {
    calls: a.calls + b.calls,
    failedCalls: a.failedCalls + b.failedCalls,
    attempts: a.attempts + b.attempts,
    promptTokens: a.promptTokens + b.promptTokens,
    completionTokens: a.completionTokens + b.completionTokens,
    cachedTokens: a.cachedTokens + b.cachedTokens,
    reasoningTokens: a.reasoningTokens + b.reasoningTokens,
    costUsd: a.costUsd + b.costUsd,
  };
}
