import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";
import { useFewDocs } from "../use-few-docs.ts";

useFewDocs();

describe("the examples of docs/pipelines.md", () => {
  test("three-agents answers from the docs, with a citation", async () => {
    const { printed } = await runExample(() => import("./three-agents.ts"));
    const [[status, answer, citations] = []] = printed;
    expect(status).toBe("succeeded");
    expect(answer).toMatch(/\[1\]/);
    expect(citations).toContainEqual(expect.objectContaining({ number: 1 }));
  });

  test("insert-step runs the steps in between", async () => {
    const { printed } = await runExample(() => import("./insert-step.ts"));
    expect(printed).toEqual([[expect.stringMatching(/\[1\][^]*\n\nChecked\.$/)]]);
  });

  test("replace-step decides by a function", async () => {
    const { printed, sandbox } = await runExample(() => import("./replace-step.ts"));
    expect(printed).toEqual([["succeeded"]]);
    expect(JSON.stringify(sandbox.books.entries)).not.toContain("You are a validator");
  });

  test("functions asks no model", async () => {
    const { printed, sandbox } = await runExample(() => import("./functions.ts"));
    expect(printed).toEqual([
      [
        "succeeded",
        "- The lighthouse of Vell was built in 1871. [1]",
        [{ number: 1, path: "vell.md", line: 3, quote: "It was built in 1871." }],
      ],
    ]);
    expect(sandbox.books.entries).toEqual([]);
  });

  test("parallel-research joins what two researchers find", async () => {
    const { printed, sandbox } = await runExample(() => import("./parallel-research.ts"));
    expect(printed).toEqual([[expect.any(Number)]]);
    const asked = sandbox.books.entries.filter(({ body }) =>
      JSON.stringify(body).includes("You are a researcher"),
    );
    expect(asked.length).toBeGreaterThanOrEqual(4);
  });

  test("thread has a run for each task", async () => {
    const { printed } = await runExample(() => import("./thread.ts"));
    expect(printed).toEqual([[false]]);
  });

  test("approval waits for a decision", async () => {
    const { printed } = await runExample(() => import("./approval.ts"));
    expect(printed).toEqual([[expect.objectContaining({ type: "approval" })], ["succeeded"]]);
  });

  test("watch prints the events of the run", async () => {
    const { printed } = await runExample(() => import("./watch.ts"));
    const types = new Set(printed.map(([type]) => type));
    expect([...types]).toEqual(
      expect.arrayContaining([
        "agent-start",
        "attempt-start",
        "text-delta",
        "call-end",
        "agent-end",
      ]),
    );
  });

  test("journal repeats no call of the first execution", async () => {
    const { printed, sandbox } = await runExample(() => import("./journal.ts"), {
      environment: { LLM_MAX_RETRIES: "0" },
      before: (sandbox) =>
        sandbox.order({ fault: "status", status: 503, after: 1, times: 1, model: "openai/gpt-4o" }),
    });
    expect(printed).toEqual([["succeeded"]]);
    const bodies = sandbox.books.entries
      .filter(({ status }) => status === 200)
      .map(({ body }) => JSON.stringify(body));
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(sandbox.books.totals()).toMatchObject({ refused: 1 });
  });

  test("run-cost adds up what all nodes of one invocation cost", async () => {
    const { printed } = await runExample(() => import("./run-cost.ts"), {
      environment: { OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o" },
    });
    expect(printed).toEqual([[expect.any(String), expect.any(Number)]]);
    expect(printed[0]?.[1]).toBeGreaterThan(0);
  });

  test("run-sums prints cost, tokens, attempts and time of a run", async () => {
    const { printed } = await runExample(() => import("./run-sums.ts"), {
      environment: { OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o" },
    });
    const [[costUsd, tokens, attempts, durationMs] = []] = printed;
    expect(attempts).toBe(1);
    for (const sum of [costUsd, tokens, durationMs]) expect(sum).toBeGreaterThan(0);
  });

  test("own-graph gives the state with the agent's output", async () => {
    const { printed } = await runExample(() => import("./own-graph.ts"));
    expect(printed).toEqual([[expect.any(String)]]);
  });
});
