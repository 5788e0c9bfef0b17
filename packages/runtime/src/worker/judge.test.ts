import { describe, expect, test } from "vitest";
import { runFormat, type RunRow } from "../runs/index.ts";
import { judge, type Circumstances } from "./judge.ts";

const lease = { runId: "run", id: "job", retryCount: 1 };

/** A run that the first attempt at its job has claimed; the second one has the job now. */
const held = {
  id: "run",
  pipeline: "answer",
  version: "1",
  format: runFormat,
  status: "running",
  waiting: null,
  worker: "A",
  job_id: "job",
  job_attempt: 0,
  executions: 1,
  crashes: 0,
  progress: "0",
  progress_at_start: "0",
  cancel_reason: null,
  deadline_at: null,
  ended_at: null,
} as unknown as RunRow;

const circumstances: Circumstances = {
  pipelines: ["answer@1"],
  maxCrashes: 3,
  isInTurn: false,
  now: new Date("2026-05-06T12:00:00Z"),
};

const judged = (change: Partial<RunRow>) => judge({ ...held, ...change }, lease, circumstances);

describe("a run that is being executed", () => {
  test("has lost its worker if a later attempt at its job has started", () => {
    const lost = { type: "run-lost", worker: "A", execution: 1 };
    expect(judged({})).toEqual({ kind: "execute", crashes: 1, events: [lost] });
  });

  test.each([
    ["by another job", { job_id: "another" }],
    ["by another job whose first attempt has it", { job_id: "another", job_attempt: 1 }],
    ["by a later attempt at the job", { job_attempt: 2 }],
  ])("%s is left alone, and has lost no worker", (_, change) => {
    expect(judged(change)).toEqual({ kind: "not-ours" });
  });

  test("is executed by the attempt whose claim was committed without an answer", () => {
    expect(judged({ job_attempt: 1 })).toEqual({ kind: "claimed" });
  });
});
