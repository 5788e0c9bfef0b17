import { describe, expect, it } from "vitest";
import type { CallRecord } from "@orchestra/core";
import type { DurableFacts } from "../durable/index.ts";
import type { Outcome } from "../outcome.ts";
import { callsTable } from "./calls-table.ts";
import { jsonResult } from "./json-result.ts";
import { markdown } from "./markdown.ts";
import { answerText, factsText } from "./report.ts";
import { table } from "./table.ts";
import { wrap } from "../wrap.ts";

const usage = { promptTokens: 1200, completionTokens: 34, cachedTokens: 0, reasoningTokens: 0 };

const call: CallRecord = {
  id: "call",
  runId: "run",
  traceId: "run",
  role: "researcher",
  status: "succeeded",
  model: "anthropic/claude-3-opus-20k-with-a-long-name",
  servedModel: "gpt-4o-2024-11-20",
  provider: "openai",
  via: "portkey",
  fallbackUsed: true,
  startedAt: "2026-01-01T00:00:00.000Z",
  durationMs: 61_000,
  ...usage,
  costUsd: 0.000123,
  attempts: [],
};

const facts: DurableFacts = {
  runId: "run",
  kills: 1,
  executions: 2,
  callsMade: 5,
  callsReplayed: 3,
  repeatedCalls: 1,
  savedUsd: 0,
  savedUnknownCostAttempts: 0,
  savedTokens: 100,
  database: "pglite",
  trace: "",
};

const look = {
  style: (_format: unknown, text: string) => text,
  redact: (text: string) => text.replaceAll("secret", "[redacted]"),
};

describe("the table of calls", () => {
  it("fits its width, and shows the model, the route and the status", () => {
    const lines = callsTable([call], 100);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
    expect(lines[1]).toMatch(
      /^researcher +anthropic\/claude.*… +portkey.* \$0\.000123 +1 min 1 s +fallback$/,
    );
    expect(lines[2]?.trim()).toBe("→ gpt-4o-2024-11-20");
    expect(lines[3]).toMatch(/^total +0 +1200 +34 +\$0\.000123/);
  });

  it.each([60, 70, 80, 120])(
    "fits %i columns, with role, model, cost, time and status",
    (width) => {
      const { servedModel: _, ...own } = { ...call, durationMs: 900 };
      const lines = callsTable([own, { ...own, role: "validator" }], width);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
      expect(lines[1]).toMatch(/^researcher +anthropic.* \$0\.000123 +0\.90 s +fallback$/);
    },
  );

  it.each([40, 50])("fits %i columns, with role, cost and status at least", (width) => {
    const unknown = { ...call, unknownCostAttempts: 1 };
    const failed = { ...call, status: "failed", error: { kind: "rate_limit_error", message: "" } };
    for (const calls of [[call], [unknown], [failed as CallRecord]]) {
      const lines = callsTable(calls, width);
      expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
      expect(lines).not.toContain("");
      expect(lines[1]).toMatch(/^researcher .*\$0\.000123.* (fallback|rate_limit_.*)$/);
    }
  });

  it("shows the route of the last attempt and the kind of error of a failed call", () => {
    const error = { kind: "service_error", message: "overloaded" } as const;
    const times = { waitedMs: 0, rateLimitedMs: 0, durationMs: 5 };
    const attempt = { ...usage, ...times, costUsd: 0, model: "a/b" };
    const { servedModel: _, provider: __, via: ___, ...failed } = call;
    const lines = callsTable(
      [
        {
          ...failed,
          status: "failed",
          fallbackUsed: false,
          error,
          attempts: [{ ...attempt, number: 1, via: "openrouter", provider: "Azure", error }],
        },
      ],
      100,
    );
    expect(lines[1]).toMatch(/openrouter.* service_error$/);
  });
});

describe("costs that no server reported", () => {
  const unknown = { ...call, unknownUsageAttempts: 1, unknownCostAttempts: 1 };

  it("are question marks in the table, with a line that explains them", () => {
    const lines = callsTable([unknown, call], 100);
    expect(lines.filter((line) => line.includes("$0.000123 + ?"))).toHaveLength(1);
    expect(lines.at(-1)).toContain("$0.000246 + ?");
    const outcome = {
      status: "failed",
      runId: "run",
      question: "",
      answer: "",
      citations: [],
    } as const;
    const text = factsText({ ...outcome, reasons: [], calls: [unknown, call] }, look);
    expect(text).toContain("? 1 request of unknown cost: the server did not report it");
    expect(factsText({ ...outcome, reasons: [], calls: [call] }, look)).not.toContain("?");
    const json = jsonResult({ ...outcome, reasons: [], calls: [unknown, call] }, look.redact);
    expect(JSON.parse(json)).toMatchObject({
      usage: { costUsd: 0.000246, unknownUsageAttempts: 1, unknownCostAttempts: 1 },
    });
  });
});

describe("the report", () => {
  const outcome = {
    status: "succeeded",
    runId: "run",
    question: "Why?",
    answer: "Because\u001b[2J of a secret [1].",
    citations: [{ number: 1, path: "a.md", line: 3, quote: "It is\nno secret." }],
    reasons: [],
    calls: [],
  } as const;

  it("does not break the commands of a durable run, so that they can be copied", () => {
    const trace = `npx -y pnpm@12 orchestra runs trace ${"0".repeat(36)}`;
    const resume = `npx -y pnpm@12 demo --durable --resume ${"0".repeat(36)}`;
    const durable = { ...facts, trace, resume };
    const lines = factsText({ ...outcome, durable }, { ...look, columns: 40 }).split("\n");
    expect(lines).toContain(`See it: ${trace}`);
    expect(lines).toContain(`Continue it: ${resume}`);
  });

  it("removes secrets and control characters from an answer, but not secrets from quotations", () => {
    const text = answerText(outcome, look);
    expect(text).toContain("Because of a [redacted] [1].");
    expect(text).toContain('[1] a.md:3 "It is no secret."');
  });

  it.each([
    ["a file", (odd: Outcome) => markdown(odd)],
    ["JSON", (odd: Outcome) => jsonResult(odd, look.redact)],
  ])("escapes control characters in every text, as %s too", (_, write) => {
    const steering = "\u001b[2J\u009b31m\u202e\u2028\u0007";
    const citation = { number: 1, path: `a${steering}.md`, line: 3, quote: `It${steering}` };
    const answer = `Because${steering}\n\nof it.`;
    const text = write({ ...outcome, question: steering, answer, citations: [citation] });
    expect(text).not.toMatch(/[[\p{Cc}--\n]\u202e\u2028]/v);
    expect(text.split("\n").length).toBeGreaterThan(2);
  });

  it("does not shorten values in JSON", () => {
    const answer = "Because\u009b[2J";
    expect(JSON.parse(jsonResult({ ...outcome, answer }, look.redact))).toMatchObject({ answer });
  });

  it("shows the reasons of a rejection", () => {
    const reasons = ["Not found: the sources say nothing.", "Another"];
    const text = answerText({ ...outcome, status: "rejected", reasons }, { ...look, columns: 24 });
    expect(text).toContain("  - Not found: the\n    sources say nothing.\n  - Another");
  });
});

describe("table", () => {
  it("aligns columns by the width on the screen, and shortens only columns that may be shortened", () => {
    const columns = [
      { title: "a", atLeast: 3 },
      { title: "b", align: "right" as const },
    ];
    expect(
      table(
        columns,
        [
          ["日本語の題", "1"],
          ["x", "22"],
        ],
        10,
      ),
    ).toEqual(["a        b", "日本…    1", "x       22"]);
  });
});

describe("wrap", () => {
  it("breaks between words, and keeps the beginning of a line", () => {
    expect(wrap("  - one two three", 10, "    ")).toEqual(["  - one", "    two", "    three"]);
    expect(wrap("", 10)).toEqual([""]);
    expect(wrap("unbreakable", 4)).toEqual(["unbreakable"]);
  });
});
