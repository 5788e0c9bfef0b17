import type { Run, RunArtifact, RunEvent } from "@orchestra/runtime";
import { expect, test } from "vitest";
import { describeDetails } from "./print-details.ts";

const run = {
  id: "a-fork",
  pipeline: "answer",
  version: "1",
  input: { task: "When?" },
  createdAt: "2026-01-01T00:00:00.000Z",
  executions: 0,
} as Run;

const failure = (kind: string, message: string) =>
  ({
    type: "call-end",
    callId: message,
    record: { role: "writer", model: "a/b", error: { kind, message } },
  }) as RunEvent;

const lines = (
  fields: Partial<Run>,
  events: readonly RunEvent[] = [],
  artifacts: readonly RunArtifact[] = [],
) => describeDetails({ run: { ...run, ...fields }, events, artifacts }, 200).split("\n");

test("prints the run that a fork was made from, and its first step", () => {
  const forked = (from?: string) =>
    lines({ forkedFrom: { run: "first", ...(from === undefined ? {} : { from }) } });
  expect(forked("research")).toContain("fork of   first, from research");
  expect(forked()).toContain("fork of   first, from its beginning");
});

test("prints the limit that was reached if the run waits for the day's quota", () => {
  const events = [
    failure("quota_error", "A day before"),
    failure(
      "quota_error",
      "The limit of requests in a UTC day is reached (LLM_REQUESTS_PER_DAY=2)",
    ),
    failure("service_error", "Down"),
  ];
  const reason = "reason    The limit of requests in a UTC day is reached (LLM_REQUESTS_PER_DAY=2)";
  const until = "2026-01-02T00:00:00.000Z";
  expect(lines({ waiting: { for: "quota", until } }, events)).toContain(reason);
  expect(lines({ waiting: { for: "rate-limit", until } }, events)).not.toContain(reason);
});

test("prints the decisions, with the person and the reason", () => {
  const decided = (value: unknown) => ({ type: "run-decision", value }) as RunEvent;
  const events = [
    decided({ decision: "reject", by: "Ann", reason: "No\nsource" }),
    decided({ decision: "approve" }),
    decided("yes"),
    decided({ decision: "publish", note: "n".repeat(200) }),
  ];
  expect(lines({}, events)).toContain(
    `decision  rejected by Ann: No source; approved; answered "yes"; answered {"decision":"publish","note":"${"n".repeat(70)}…`,
  );
});

test("prints the names of at most 20 artifacts", () => {
  const artifact = (number: number) => ({
    name: `${number}.md`,
    bytes: number,
    createdAt: "2026-01-01T00:00:00.000Z",
  });
  const files = (count: number) =>
    lines(
      {},
      [],
      Array.from({ length: count }, (_, index) => artifact(index + 1)),
    ).join(" ");
  expect(files(0)).not.toContain("artifacts");
  expect(files(2)).toContain("artifacts 1.md (1 byte), 2.md (2 bytes)");
  expect(files(1000).replaceAll(/\s+/g, " ")).toContain("20.md (20 bytes), and 980 more");
});
