import { MemorySaver } from "@langchain/langgraph";
import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";
import { startTestOrchestra } from "../test-orchestra.ts";
import { traceCalls } from "./trace-calls.ts";

describe("the examples of docs/cookbook.md", () => {
  test("parallel prints two answers", async () => {
    const { printed, sandbox } = await runExample(() => import("./parallel.ts"));
    expect(printed).toEqual([[expect.any(String)], [expect.any(String)]]);
    expect(sandbox.books.totals().succeeded).toBe(2);
  });

  test("supervisor hands over to an expert", async () => {
    const { printed } = await runExample(() => import("./supervisor.ts"), {
      sandbox: {
        fixtures: [
          {
            match: { systemMessage: "Hand each question", hasToolResult: true },
            response: { content: "It was built in 1871." },
          },
          {
            match: { systemMessage: "Hand each question" },
            response: { toolCalls: [{ name: "transfer_to_historian", arguments: "{}" }] },
          },
          { match: { systemMessage: "history" }, response: { content: "In 1871." } },
        ],
      },
    });
    expect(printed).toEqual([["It was built in 1871."]]);
  });

  test("handoff answers by one department", async () => {
    const { printed, sandbox } = await runExample(() => import("./handoff.ts"));
    expect(printed).toEqual([[expect.any(String)]]);
    expect(sandbox.books.totals().succeeded).toBe(2);
  });

  test("memory-by-meaning finds the nearest, and pays for vectors", async () => {
    const { printed, sandbox } = await runExample(() => import("./memory-by-meaning.ts"));
    const { costUsd } = sandbox.books.totals();
    expect(printed).toEqual([["Ada builds engines that calculate.", costUsd]]);
    expect(costUsd).toBeGreaterThan(0);
  });

  test("memory keeps the messages of a thread", async () => {
    const { printed, sandbox } = await runExample(() => import("./memory.ts"));
    expect(printed).toEqual([[4]]);
    expect(JSON.stringify(sandbox.books.entries[1]?.body)).toContain("My name is Ada.");
  });

  test("budget ends the loop", async () => {
    const { printed } = await runExample(() => import("./budget.ts"));
    expect(printed).toEqual([["budget_error"]]);
  });

  test("pipelines loads its agents when a worker makes it", async () => {
    await using t = await startTestOrchestra();
    const { answer } = await import("./pipelines.ts");
    const pipeline = await answer.create({
      orchestra: t.orchestra,
      checkpointer: new MemorySaver(),
    });
    expect(await pipeline.invoke({ task: "When was the lighthouse built?" })).toMatch(/\w/);
  });

  test("trace-calls makes a span of a call", async () => {
    const spans: unknown[] = [];
    const tracer = {
      startSpan: (name: string, options: object) => ({
        end: (endTime: Date) => void spans.push({ name, ...options, endTime }),
      }),
    };
    await using t = await startTestOrchestra({ onCall: traceCalls(tracer) });
    await t.orchestra.chat("What is a span?");
    expect(spans).toMatchObject([
      { name: "chat openai/gpt-4o", attributes: { "gen_ai.response.model": "openai/gpt-4o" } },
    ]);
  });
});
