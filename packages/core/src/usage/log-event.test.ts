import { describe, expect, test } from "vitest";
import { callRecord } from "./__fixtures__/call-record.ts";
import type { OrchestraEvent } from "./events.ts";
import { logEvent } from "./log-event.ts";
import type { Logger } from "./logger.ts";

const ofCall = { runId: "run-1", callId: "call-1", role: "researcher" };

/** What an event leaves in the log. */
function logged(
  event: OrchestraEvent,
  isLevelEnabled?: NonNullable<Logger["isLevelEnabled"]>,
): unknown[][] {
  const lines: unknown[][] = [];
  const at =
    (level: string) =>
    (...line: unknown[]) =>
      lines.push([level, ...line]);
  const logger: Logger = {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    ...(isLevelEnabled ? { isLevelEnabled } : {}),
  };
  logEvent(logger, event);
  return lines;
}

describe("logEvent", () => {
  test("warns of a retry: what failed, and how long the wait is in whole milliseconds", () => {
    const retry = {
      type: "retry",
      attempt: 1,
      model: "openai/gpt-4o",
      kind: "rate_limit_error",
      message: "Too many",
      waitMs: 512.34,
    } as const;
    expect(logged({ ...retry, ...ofCall })).toEqual([
      [
        "warn",
        "retry",
        {
          role: "researcher",
          runId: "run-1",
          model: "openai/gpt-4o",
          kind: "rate_limit_error",
          reason: "Too many",
          waitMs: 512,
        },
      ],
    ]);
  });

  test("warns of a fallback: from where, to where, and why", () => {
    const fallback = {
      type: "fallback",
      from: "openai/gpt-4o",
      to: "gpt-4o",
      kind: "service_error",
      message: "Down",
    } as const;
    expect(logged({ ...fallback, ...ofCall })).toEqual([
      [
        "warn",
        "fallback",
        {
          role: "researcher",
          runId: "run-1",
          from: "openai/gpt-4o",
          to: "gpt-4o",
          kind: "service_error",
          reason: "Down",
        },
      ],
    ]);
  });

  test.each([
    ["succeeded", "info"],
    ["aborted", "info"],
    ["failed", "error"],
  ] as const)("writes the record of a call that %s at level %s", (status, level) => {
    const record = callRecord({ status });
    expect(logged({ type: "call-end", record, ...ofCall })).toEqual([
      [level, "model call", { call: record }],
    ]);
  });

  test.each([
    ["open", "warn"],
    ["closed", "info"],
  ] as const)("a circuit that is %s now is a line at %s", (to, level) => {
    const route = "a/b via openrouter";
    expect(logged({ type: "circuit", route, from: "half-open", to })).toEqual([
      [level, "circuit", { route, from: "half-open", to }],
    ]);
  });

  test("keeps a replayed call for debugging: its record was logged when the call was made", () => {
    const record = callRecord({ model: "a/b", servedModel: "a/b-2" });
    expect(logged({ type: "call-replay", record, ...ofCall })).toEqual([
      ["debug", "call-replay", { ...ofCall, model: "a/b-2" }],
    ]);
  });

  test("logs that a run waits for a person, and the decision, without any texts", () => {
    const review = { task: "the secret plan" };
    const [runId, reason] = ["run-1", "the secret plan"];
    expect([
      logged({ type: "approval-request", runId, review }),
      logged({ type: "approval-decision", runId, decision: "reject", by: "Ada", reason }),
    ]).toEqual([
      [["info", "approval-request", { runId }]],
      [["info", "approval-decision", { runId, decision: "reject", by: "Ada" }]],
    ]);
  });

  test("logs other events at level debug, without any texts", () => {
    expect(
      logged({ type: "attempt-start", attempt: 2, model: "a/b", via: "portkey", ...ofCall }),
    ).toEqual([
      ["debug", "attempt-start", { attempt: 2, model: "a/b", via: "portkey", ...ofCall }],
    ]);
    const private_ = [
      logged({ type: "tool-call", tool: "search", input: "the secret plan", ...ofCall }),
      logged({
        type: "agent-end",
        runId: "run-1",
        agentId: "agent-1",
        role: "executor",
        output: "the secret plan",
      }),
      logged({ type: "text-delta", attempt: 1, text: "the secret plan", ...ofCall }),
    ];
    expect(private_).toEqual([
      [["debug", "tool-call", { tool: "search", ...ofCall }]],
      [["debug", "agent-end", { runId: "run-1", agentId: "agent-1", role: "executor" }]],
      [],
    ]);
    expect(JSON.stringify(private_)).not.toContain("secret plan");
  });

  test("passes the logger nothing that it does not write", () => {
    const start = { type: "attempt-start", attempt: 1, model: "a/b", via: "openrouter" } as const;
    const end = { type: "call-end", record: callRecord() } as const;
    const isLevelEnabled = (level: string) => level === "info";
    expect(logged({ ...start, ...ofCall }, isLevelEnabled)).toEqual([]);
    expect(logged({ ...end, ...ofCall }, isLevelEnabled)).toHaveLength(1);
  });
});
