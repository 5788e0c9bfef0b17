import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { sumUsage } from "./usage.ts";

/** The calls of a run after an event. */
export function withEvent(
  calls: readonly CallRecord[],
  event: OrchestraEvent,
): readonly CallRecord[] {
  if (event.type === "call-end") return [...calls, event.record];
  if (event.type !== "reconcile") return calls;
  return calls.map((call) => (call.id === event.callId ? corrected(call, event) : call));
}

/** A call with the usage of an attempt that became known after its end. */
export function corrected(
  call: CallRecord,
  { attempt, usage, missing }: Extract<OrchestraEvent, { type: "reconcile" }>,
): CallRecord {
  const attempts = call.attempts.map((made) => {
    if (made.number !== attempt) return made;
    const { usageIsUnknown: _, costIsUnknown, ...known } = made;
    const isUnknown = costIsUnknown && missing.unknownCostAttempts === 0;
    return { ...known, ...usage, ...(isUnknown ? { costIsUnknown } : {}) };
  });
  return {
    ...call,
    ...sumUsage([call, missing]),
    cachedTokens: call.cachedTokens + missing.cachedTokens,
    reasoningTokens: call.reasoningTokens + missing.reasoningTokens,
    attempts,
  };
}
