import type { Run } from "@orchestra/runtime";
import { describe, expect, test } from "vitest";
import { createCommandLine } from "../command-line.ts";
import { describeRun, printOutput } from "./print-run.ts";

const id = "01a21ee1-7f0a-7c3b-9d5e-2b8c4f6a1e90";
const usage = { calls: 2, attempts: 2, promptTokens: 90, completionTokens: 10, costUsd: 0.5 };
const took = "(2 calls, 100 tokens, $0.50)";

function runOf(fields: object): Run {
  return {
    id,
    usage: { ...usage, unknownUsageAttempts: 0, unknownCostAttempts: 0 },
    ...fields,
  } as Run;
}

const approval = { id: "a", step: "review", value: { type: "approval" } };
const question = {
  id: "b",
  step: "ask",
  value: "May the report of this week be sent to all of the customers?",
};
const since = "2026-01-01T00:00:00.000Z";

/** Stack trace of an error in a function that a library calls. */
const stack = `TypeError: x is undefined
    at node:internal/process/task_queues:104:5
    at RunnableLambda._invoke (file:///home/me/node_modules/@langchain/core/dist/base.js:1262:10)
    at async file:///home/me/roles%20(old)/steps.ts:7:21
    at async create (file:///home/me/orchestra.config.ts:9:1)`;

/** Fields of a run, and its description, as one line. */
const states: readonly [object, string][] = [
  [{ status: "queued" }, `is queued ${took}. Follow it with: orchestra runs watch ${id}`],
  [{ status: "running" }, `is running ${took}. Follow it with: orchestra runs watch ${id}`],
  [
    { status: "running", cancelReason: "late" },
    `is being cancelled ${took}: late. Follow it with: orchestra runs watch ${id}`,
  ],
  [
    { status: "cancelled", cancelReason: "no reason given" },
    `has been cancelled ${took}: no reason given. Continue it with: orchestra runs resume ${id}`,
  ],
  [
    { status: "cancelled", cancelReason: "Too late!" },
    `has been cancelled ${took}: Too late! Continue it with: orchestra runs resume ${id}`,
  ],
  [
    { status: "failed", error: { message: "It broke.", step: "research" } },
    `has failed ${took}. In the step research: It broke. When the cause is corrected, continue it with: orchestra runs resume ${id}`,
  ],
  [
    { status: "failed", error: { code: "deadline_exceeded", message: "Too late." } },
    `has failed ${took}. Too late. Start another run without a deadline, which takes over its answers: orchestra runs fork ${id}`,
  ],
  [
    { status: "failed", error: { name: "TypeError", message: "x is undefined", stack } },
    `has failed ${took}. TypeError: x is undefined (/home/me/roles (old)/steps.ts:7:21). When the cause is corrected, continue it with: orchestra runs resume ${id}`,
  ],
  [{ status: "succeeded" }, `has succeeded ${took}.`],
  [{ status: "rejected" }, `has been rejected ${took}.`],
  [
    { status: "waiting", waiting: { for: "approval", interrupts: [approval], since } },
    `waits for a decision ${took}. Decide with one of: orchestra runs approve ${id} orchestra runs reject ${id}`,
  ],
  [
    { status: "waiting", waiting: { for: "approval", interrupts: [approval, approval], since } },
    `waits for 2 decisions ${took}. Decision a: Decision a: Decide with one of: orchestra runs approve ${id} --interrupt ID orchestra runs reject ${id} --interrupt ID`,
  ],
  [
    { status: "waiting", waiting: { for: "interrupt", interrupts: [approval], since } },
    `waits for a decision ${took}. Question of the step review: { "type": "approval" } Answer the question with: orchestra runs answer ${id} --value JSON`,
  ],
  [
    { status: "waiting", waiting: { for: "interrupt", interrupts: [approval, question], since } },
    `waits for 2 decisions ${took}. Question a of the step review: { "type": "approval" } Question b of the step ask: May the report of this week be sent to all of the customers? Answer each question with: orchestra runs answer ${id} --value JSON --interrupt ID`,
  ],
  [
    { status: "waiting", waiting: { for: "quota", until: since } },
    `waits for the day's quota until ${since} ${took}. A worker continues it then. To continue it without a worker, or sooner after the limit was raised: orchestra runs resume ${id}`,
  ],
  [
    { status: "waiting", waiting: { for: "rate-limit", until: since } },
    `waits for the rate limit until ${since} ${took}.`,
  ],
];

describe("describeRun()", () => {
  test.each(states)(
    "describes the state and what to do, in lines that fit: %j",
    (fields, expected) => {
      for (const width of [40, 60, 80]) {
        const lines = describeRun(runOf(fields), { width }).split("\n");
        expect(lines.map((line) => line.trim()).join(" ")).toBe(`Run ${id} ${expected}`);
        for (const line of lines.filter((each) => !each.startsWith("  orchestra "))) {
          expect(line.length).toBeLessThanOrEqual(width);
        }
      }
    },
  );

  test("prints the claims to approve, and the id of each of several decisions", () => {
    const evidence = { path: "vell.md", line: 3, quote: "Built\nin 1871." };
    const claims = [{ number: 1, statement: "It was built in 1871.\u001b[2J", evidence }];
    const review = { claims, openQuestions: ["Who built it?"] };
    const request = (id: string) => ({ id, step: "approve", value: { type: "approval", review } });
    const described = (...interrupts: object[]) =>
      describeRun(runOf({ status: "waiting", waiting: { for: "approval", interrupts, since } }), {
        width: 100,
      });
    const asked = `Claims to approve:
  1. It was built in 1871.\\u001b[2J
     vell.md:3 "Built in 1871."
Open questions:
  - Who built it?
`;
    const start = `Run ${id} waits for`;
    expect(described(request("a"))).toContain(
      `${start} a decision ${took}.\n${asked}Decide with one of:\n`,
    );
    expect(described(request("a"), request("b"))).toContain(
      `Decision a:\n${asked}Decision b:\n${asked}Decide with one of:\n`,
    );
  });

  test("shortens a long question, and escapes its control characters", () => {
    const interrupts = [{ id: "a", step: "ask", value: `\u001b[2J${"?".repeat(3000)}` }];
    const waiting = { for: "interrupt", interrupts, since };
    const lines = describeRun(runOf({ status: "waiting", waiting }), { width: Infinity }).split(
      "\n",
    );
    expect(lines[2]).toBe(`  \\u001b[2J${"?".repeat(1996)}…`);
    expect(lines[3]).toBe("  (3004 characters; orchestra runs show --json has all)");
  });

  test.each(["queued", "running"])(
    "reports a %s run that no process executes as stopped",
    (status) => {
      const environment = { npm_config_user_agent: "npm/11", npm_lifecycle_event: "npx" };
      const command = createCommandLine({ environment }, { config: "it's mine.ts" });
      expect(describeRun(runOf({ status }), { width: 100, isStopped: true, command })).toBe(
        `Run ${id} is stopped ${took}.\nNo process executes it. Continue it with:\n  npx @orchestra/cli runs watch ${id} --config 'it'\\''s mine.ts'`,
      );
    },
  );

  test.each([
    ["npx", "npm/11", "npx", "npx @orchestra/cli"],
    ["the script of a project", "npm/11", "orchestra", "npm run orchestra --"],
    ["the script of a clone", "pnpm/12", "orchestra", "npx -y pnpm@12 orchestra"],
    ["a shell", undefined, undefined, "orchestra"],
  ])("prints a command that works when it was started by %s", (_, agent, script, start) => {
    const environment = { npm_config_user_agent: agent, npm_lifecycle_event: script };
    const command = createCommandLine({ environment }, {});
    expect(describeRun(runOf({ status: "failed" }), { width: 100, command })).toContain(
      `  ${start} runs resume ${id}`,
    );
  });

  test.each(["queued", "failed"])(
    "prints why a %s run cannot be executed, instead of a command",
    (status) => {
      const context = { isStopped: status === "queued", obstacle: "It is elsewhere." };
      const text = describeRun(runOf({ status }), { width: 100, ...context });
      expect(text).toMatch(/\nIt is elsewhere\.$/);
      expect(text).not.toContain("orchestra runs");
    },
  );
});

test("printOutput() prints each source with its quotation on one line, for a PDF with the page", () => {
  const citations = [
    { number: 1, path: "a.md", line: 3, quote: "It was\n built\u001b[2J." },
    { number: 2, path: "b.pdf", line: 4, page: 5, quote: "In 1871." },
    { number: 3, path: "c.md" },
  ];
  let text = "";
  printOutput(runOf({ output: { answer: "Yes [1].", citations } }), {
    write: (part) => (text += part),
  });
  expect(text).toBe(
    String.raw`Yes [1].

[1] a.md:3 "It was built\u001b[2J."
[2] b.pdf:4 (page 5) "In 1871."
[3] c.md
`,
  );
});
