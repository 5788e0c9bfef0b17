import { describe, expect, test } from "vitest";
import { attemptRecord, callRecord } from "./__fixtures__/call-record.ts";
import { Ledger } from "./ledger.ts";
import { noUsage } from "./usage.ts";

const nothing = {
  calls: 0,
  failedCalls: 0,
  leftCalls: 0,
  attempts: 0,
  durationMs: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costUsd: 0,
  unknownUsageAttempts: 0,
  unknownCostAttempts: 0,
};

describe("Ledger", () => {
  test("begins with nothing", () => {
    const ledger = new Ledger();
    expect(ledger.total).toEqual(nothing);
    expect(ledger.run("run-1")).toEqual(nothing);
    expect(ledger.by("role").size).toBe(0);
  });

  test("adds up durations without the errors of binary fractions", () => {
    const ledger = new Ledger();
    ledger.add(callRecord({ durationMs: 0.1 }));
    ledger.add(callRecord({ durationMs: 0.2 }));
    expect(ledger.total.durationMs).toBe(0.3);
  });

  test("adds up tokens, dollars, calls and attempts", () => {
    const ledger = new Ledger();
    ledger.add(callRecord());
    ledger.add(
      callRecord({
        status: "failed",
        attempts: [attemptRecord(), attemptRecord({ number: 2 })],
        promptTokens: 1,
        completionTokens: 2,
        cachedTokens: 3,
        reasoningTokens: 4,
        costUsd: 0.5,
        unknownUsageAttempts: 1,
        unknownCostAttempts: 2,
      }),
    );
    expect(ledger.total).toEqual({
      calls: 2,
      failedCalls: 1,
      leftCalls: 0,
      attempts: 3,
      durationMs: 2468,
      promptTokens: 11,
      completionTokens: 6,
      cachedTokens: 5,
      reasoningTokens: 5,
      costUsd: 0.50014,
      unknownUsageAttempts: 1,
      unknownCostAttempts: 2,
    });
  });

  test("does not change sums that were read before", () => {
    const ledger = new Ledger();
    const call = callRecord({ runId: "a" });
    const read = () => [ledger.total, ledger.run("a"), ledger.by("runId").get("a")];
    ledger.add(call);
    const before = read();
    ledger.add(call);
    expect(before.map((line) => line?.calls)).toEqual([1, 1, 1]);
    expect(read().map((line) => line?.calls)).toEqual([2, 2, 2]);
    expect(new Ledger().total).toEqual(nothing);
  });

  test("counts a call that its caller left, and not as failed", () => {
    const ledger = new Ledger();
    ledger.add(callRecord({ status: "aborted" }));
    expect(ledger.total).toMatchObject({ calls: 1, failedCalls: 0, leftCalls: 1 });
  });

  test("has separate sums for each run, role and model", () => {
    const ledger = new Ledger();
    ledger.add(callRecord({ runId: "a", role: "researcher", model: "m/1" }));
    ledger.add(callRecord({ runId: "a", role: "validator", model: "m/1" }));
    ledger.add(callRecord({ runId: "b", role: "validator", model: "m/2" }));
    const calls = (key: "runId" | "role" | "model") =>
      [...ledger.by(key)].map(([name, line]) => [name, line.calls, line.promptTokens]);
    expect(calls("runId")).toEqual([
      ["a", 2, 20],
      ["b", 1, 10],
    ]);
    expect(calls("role")).toEqual([
      ["researcher", 1, 10],
      ["validator", 2, 20],
    ]);
    expect(calls("model")).toEqual([
      ["m/1", 2, 20],
      ["m/2", 1, 10],
    ]);
    expect(ledger.run("a")).toMatchObject({ calls: 2, costUsd: 0.00028 });
  });

  test("adds money up without the drift of binary fractions", () => {
    const ledger = new Ledger();
    for (let call = 0; call < 10; call += 1) ledger.add(callRecord({ costUsd: 0.1 }));
    expect(ledger.total.costUsd).toBe(1);
    for (let call = 0; call < 10_000; call += 1) ledger.add(callRecord({ costUsd: 0.000_001_7 }));
    expect(ledger.total.costUsd).toBe(1.017);
  });

  test("drops the sums of the run that was used least recently after ten thousand, and no total", () => {
    const ledger = new Ledger();
    for (let run = 0; run < 10_000; run += 1) ledger.add(callRecord({ runId: `run-${run}` }));
    ledger.add(callRecord({ runId: "run-0" }));
    ledger.add(callRecord({ runId: "one more" }));
    expect(ledger.run("run-0").calls).toBe(2);
    expect(ledger.run("run-1").calls).toBe(0);
    expect(ledger.run("run-2").calls).toBe(1);
    expect(ledger.run("one more").calls).toBe(1);
    expect(ledger.by("runId").size).toBe(10_000);
    expect(ledger.total.calls).toBe(10_002);
  });

  test.each(["role", "model"] as const)("keeps the sums of a thousand of each %s", (key) => {
    const ledger = new Ledger();
    for (let name = 0; name <= 1000; name += 1) ledger.add(callRecord({ [key]: `name-${name}` }));
    const lines = ledger.by(key);
    expect(lines.size).toBe(1000);
    expect([lines.has("name-0"), lines.has("name-1")]).toEqual([false, true]);
    expect(ledger.total.calls).toBe(1001);
  });

  test("takes attempts from its counts that are no longer unknown", () => {
    const ledger = new Ledger();
    ledger.add(callRecord({ unknownUsageAttempts: 1, unknownCostAttempts: 1 }));
    const usage = { ...noUsage, costUsd: 0.5, unknownUsageAttempts: -1, unknownCostAttempts: -1 };
    const { runId, role, model } = callRecord();
    ledger.correct({ runId, role, model, usage });
    const known = { attempts: 1, unknownUsageAttempts: 0, unknownCostAttempts: 0 };
    for (const line of [ledger.total, ledger.run(runId), ledger.by("role").get(role)]) {
      expect(line).toMatchObject(known);
    }
  });

  test("corrects the lines that it has, and brings none back", () => {
    const ledger = new Ledger();
    ledger.add(callRecord({ runId: "old" }));
    for (let run = 0; run < 10_000; run += 1) ledger.add(callRecord({ runId: `run-${run}` }));
    const { total } = ledger;
    const usage = { ...noUsage, promptTokens: 7, costUsd: 0.5 };
    ledger.correct({ runId: "old", role: "researcher", model: "gone", usage });
    expect(ledger.by("runId").size).toBe(10_000);
    expect(ledger.by("runId").has("old")).toBe(false);
    expect(ledger.by("model").has("gone")).toBe(false);
    expect(ledger.total.promptTokens).toBe(total.promptTokens + 7);
    ledger.correct({ runId: "run-5", role: "researcher", model: "gone", usage });
    expect(ledger.run("run-5").promptTokens).toBe(callRecord().promptTokens + 7);
  });
});
