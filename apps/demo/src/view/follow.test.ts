import { describe, expect, it } from "vitest";
import type { CallRecord, OrchestraEvent } from "@orchestra/core";
import { follow } from "./follow.ts";
import { stepLines } from "./step-lines.ts";
import { endKilled, type Step } from "./step.ts";

const ofCall = { runId: "run", callId: "call", role: "researcher" };

function after(...events: readonly OrchestraEvent[]): readonly Step[] {
  return events.reduce<Step[]>((steps, event, index) => follow(steps, event, index * 1000), []);
}

const start: OrchestraEvent = {
  type: "agent-start",
  runId: "run",
  agentId: "agent",
  role: "researcher",
  model: "a/b",
};

const end = { type: "agent-end", runId: "run", agentId: "agent", role: "researcher" } as const;

describe("the steps of a run", () => {
  it("remove the text of an attempt when the next one starts", () => {
    const [step] = after(
      start,
      { type: "attempt-start", attempt: 1, model: "a/b", via: "openrouter", ...ofCall },
      { type: "text-delta", attempt: 1, text: "half an ans", ...ofCall },
      {
        type: "retry",
        attempt: 1,
        model: "a/b",
        kind: "service_error",
        message: "over\u001b[31mloaded\nnow",
        waitMs: 1300,
        ...ofCall,
      },
      { type: "attempt-start", attempt: 2, model: "c/d", via: "portkey", ...ofCall },
      { type: "text-delta", attempt: 2, text: "whole", ...ofCall },
    );
    expect(step).toMatchObject({ model: "c/d", route: "via portkey", text: "whole" });
    expect(step?.notes).toEqual([
      { kind: "retry", text: "attempt 1 failed, retry in 1.30 s: service_error: overloaded now" },
    ]);
  });

  it("show the text of an object while it arrives", () => {
    const claims = [{ statement: "One", evidence: { path: "a.md", line: 1, quote: "On" } }];
    const [step] = after(start, {
      type: "object-delta",
      attempt: 1,
      partial: { claims },
      ...ofCall,
    });
    expect(step).toMatchObject({ text: "On" });
  });

  it("show waits for the account's limits, and the second request of a hedge", () => {
    const [step] = after(
      start,
      { type: "rate-limit-wait", model: "a/b", waitMs: 2500, ...ofCall },
      { type: "hedge", model: "a/b", afterMs: 800, ...ofCall },
    );
    expect(step?.notes.map(({ text }) => text)).toEqual([
      "waits 2.50 s for the account's limits",
      "slow after 0.80 s, a second request races it",
    ]);
  });

  it("show answers from the journal, and do not add their cost", () => {
    const took = { promptTokens: 10, completionTokens: 2, cachedTokens: 0, reasoningTokens: 0 };
    const record: CallRecord = {
      ...took,
      id: "call",
      runId: "run",
      traceId: "run",
      role: "researcher",
      status: "succeeded",
      model: "a/b",
      fallbackUsed: false,
      startedAt: "2026-01-01T00:00:00.000Z",
      durationMs: 1,
      costUsd: 0.25,
      attempts: [],
    };
    const [step] = after(start, { type: "call-replay", ...ofCall, record });
    const text = "from the journal, not made again (10+2 tokens, $0.250000)";
    expect(step).toMatchObject({ costUsd: 0, notes: [{ kind: "replay", text }] });
  });

  it("count a request of unknown cost until it is known", () => {
    const took = { promptTokens: 0, completionTokens: 0, cachedTokens: 0, reasoningTokens: 0 };
    const record = {
      ...took,
      role: "researcher",
      costUsd: 0,
      unknownUsageAttempts: 1,
      unknownCostAttempts: 1,
      attempts: [],
    } as unknown as CallRecord;
    const end: OrchestraEvent = { type: "call-end", record, ...ofCall };
    const [unknown] = after(start, end);
    expect(unknown).toMatchObject({ costUsd: 0, unknownCostAttempts: 1 });
    const look = { style: (_: unknown, text: string) => text, columns: 120, now: 5000 };
    expect(stepLines(unknown!, look)[0]).toContain("$0.000000 + 1 request of unknown cost");
    const usage = { ...took, promptTokens: 7, costUsd: 0.5 };
    const missing = { ...usage, unknownUsageAttempts: -1, unknownCostAttempts: -1 };
    const late: OrchestraEvent = {
      type: "reconcile",
      attempt: 1,
      model: "a/b",
      call: record,
      usage,
      missing,
      ...ofCall,
    };
    const [known] = after(start, end, late);
    expect(known).toMatchObject({ promptTokens: 7, costUsd: 0.5, unknownCostAttempts: 0 });
    expect(stepLines(known!, look)[0]).toContain("7+0 tokens · $0.500000");
  });

  it("are marked as killed when the process is killed, unless they have ended", () => {
    const ended = after(
      start,
      { ...end, output: { claims: [1] } },
      { ...start, role: "validator" },
    ).map((step) => endKilled(step, 9000));
    expect(ended).toMatchObject([
      { status: "done", result: "1 claim", endedAt: 1000 },
      { status: "failed", result: "killed", endedAt: 9000 },
    ]);
  });

  it("start again when an agent is called again, and show its result", () => {
    const steps = after(
      start,
      { type: "tool-call", tool: "search_documents", input: { query: "a  b" }, ...ofCall },
      { ...end, output: { claims: [1, 2] } },
      start,
      end,
    );
    expect(steps).toMatchObject([
      { status: "done", startedAt: 0, endedAt: 2000, result: "2 claims" },
      { status: "failed", startedAt: 3000, endedAt: 4000, result: "" },
    ]);
    expect(steps[0]?.notes).toEqual([{ kind: "tool", text: 'search_documents "a b"' }]);
  });
});
