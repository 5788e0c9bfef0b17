import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { expect, it } from "vitest";
import { withEvent } from "./calls.ts";

const nothing = {
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
};
const attempt = { number: 1, ...nothing, usageIsUnknown: true, costIsUnknown: true };
const call = {
  id: "a",
  ...nothing,
  unknownUsageAttempts: 1,
  unknownCostAttempts: 1,
  attempts: [attempt, { ...attempt, number: 2 }],
} as unknown as CallRecord;
const ofCall = { runId: "run", callId: "a", role: "researcher" };
const end: OrchestraEvent = { type: "call-end", record: call, ...ofCall };

function late(costUsd: number, unknownCostAttempts: number): OrchestraEvent {
  const usage = { ...nothing, promptTokens: 7, cachedTokens: 3, costUsd };
  const missing = { ...usage, unknownUsageAttempts: -1, unknownCostAttempts };
  return { type: "reconcile", attempt: 1, model: "a/b", call, usage, missing, ...ofCall };
}

it("a call has the cost that became known later", () => {
  const [known] = [end, late(0.5, -1)].reduce(withEvent, [] as readonly CallRecord[]);
  expect(known).toMatchObject({
    promptTokens: 7,
    cachedTokens: 3,
    costUsd: 0.5,
    unknownUsageAttempts: 0,
    unknownCostAttempts: 0,
  });
  expect(known?.attempts[0]).toEqual({
    ...nothing,
    number: 1,
    promptTokens: 7,
    cachedTokens: 3,
    costUsd: 0.5,
  });
  expect(known?.attempts[1]).toEqual(call.attempts[1]);
});

it("counts requests whose cost remains unknown", () => {
  const [known] = [end, late(0, 0)].reduce(withEvent, [] as readonly CallRecord[]);
  expect(known).toMatchObject({ promptTokens: 7, unknownUsageAttempts: 0, unknownCostAttempts: 1 });
  expect(known?.attempts[0]).toMatchObject({ costIsUnknown: true });
  expect(known?.attempts[0]).not.toHaveProperty("usageIsUnknown");
});
