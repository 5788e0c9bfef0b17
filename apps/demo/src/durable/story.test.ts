import { describe, expect, it } from "vitest";
import type { CallRecord } from "@orchestra/core";
import type { RunEvent } from "@orchestra/runtime";
import { factsOf } from "./facts.ts";
import { keptSteps } from "./kept-steps.ts";
import { noStory, tell } from "./story.ts";

const usage = { promptTokens: 100, completionTokens: 10, cachedTokens: 0, reasoningTokens: 0 };
const known = { runId: "run", kills: 1, database: "pglite", trace: "" } as const;

function record(id: string, role: string, status: CallRecord["status"] = "succeeded"): CallRecord {
  const startedAt = "2026-01-01T00:00:00.000Z";
  const of = { id, role, runId: "run", traceId: "run", startedAt };
  const how = { status, model: "a/b", fallbackUsed: false, durationMs: 1, attempts: [] };
  return { ...of, ...how, ...usage, costUsd: 0.25 };
}

/** An event without what the store adds. */
type Told = Pick<RunEvent, "type">;

function numbered(event: Told, index: number): RunEvent {
  const number = index + 1;
  const at = "2026-01-01T00:00:00.000Z";
  return { ...event, runId: "run", number, cursor: String(number), at } as unknown as RunEvent;
}

function after(...events: readonly Told[]) {
  return events.map(numbered).reduce(tell, noStory);
}

const start = (execution: number): Told => ({ type: "run-start", worker: "w", execution }) as Told;
const step = (name: string): Told => ({ type: "step-end", step: name }) as Told;
const begin = (callId: string, role: string): Told =>
  ({ type: "attempt-start", attempt: 1, model: "a/b", via: "openrouter", callId, role }) as Told;
const end = (callId: string, role: string, status?: CallRecord["status"]): Told =>
  ({ type: "call-end", callId, role, record: record(callId, role, status) }) as Told;
const replay = (callId: string, role: string): Told =>
  ({ type: "call-replay", callId, role, record: record(callId, role) }) as Told;

describe("the figures of a durable run", () => {
  const untilKill = [
    start(1),
    begin("r1", "researcher"),
    end("r1", "researcher"),
    begin("r2", "researcher"),
    end("r2", "researcher"),
    step("research"),
    begin("v1", "validator"),
  ];

  it("counts calls that a checkpoint saved, and the call that was cut off by the kill", () => {
    const story = after(
      ...untilKill,
      start(2),
      begin("v2", "validator"),
      end("v2", "validator"),
      step("validate"),
    );
    expect(factsOf(story, known)).toMatchObject({
      executions: 2,
      callsMade: 4,
      callsReplayed: 2,
      repeatedCalls: 1,
      savedUsd: 0.5,
      savedTokens: 220,
    });
    expect(keptSteps(after(...untilKill, start(2)))).toEqual([
      "research: from the checkpoint, 2 calls not made again (200+20 tokens, $0.500000)",
    ]);
  });

  it("counts an answer from the journal as saved, and a lost one as repeated", () => {
    const answered = [...untilKill, end("v1", "validator")];
    const replayed = after(...answered, start(2), replay("v1", "validator"), step("validate"));
    expect(factsOf(replayed, known)).toMatchObject({
      callsMade: 3,
      callsReplayed: 3,
      repeatedCalls: 0,
    });

    const lost = after(...answered, start(2), begin("v2", "validator"), end("v2", "validator"));
    expect(factsOf(lost, known)).toMatchObject({
      callsMade: 4,
      callsReplayed: 2,
      repeatedCalls: 1,
    });
  });

  it("counts a failed call that is made again after a resume as neither", () => {
    const story = after(...untilKill, end("v1", "validator", "failed"), start(2));
    expect(factsOf(story, known)).toMatchObject({ callsReplayed: 2, repeatedCalls: 0 });
  });

  it("saves nothing in the first execution", () => {
    expect(factsOf(after(...untilKill), known)).toMatchObject({
      executions: 1,
      callsMade: 3,
      callsReplayed: 0,
      repeatedCalls: 0,
    });
  });
});
