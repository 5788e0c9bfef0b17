import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";

describe("the examples of docs/openrouter-pro.md", () => {
  test("agent-type asks the model of each role", async () => {
    const { printed } = await runExample(() => import("./agent-type.ts"), {
      environment: {
        AGENT_MODEL_MAP:
          '{"researcher":"anthropic/claude-sonnet-4.5","executor":"meta-llama/llama-3.3-70b-instruct"}',
      },
    });
    expect(printed).toEqual([
      ["researcher", "anthropic/claude-sonnet-4.5"],
      ["validator", "openai/gpt-4o"],
      ["executor", "meta-llama/llama-3.3-70b-instruct"],
    ]);
  });

  test("priority asks for a fast provider", async () => {
    const { sandbox } = await runExample(() => import("./priority.ts"));
    expect(sandbox.books.entries[0]?.body).toMatchObject({
      model: "openai/gpt-4o:nitro",
      service_tier: "priority",
    });
  });

  test("monitor prints the call, its failed attempts and its cost", async () => {
    const { printed } = await runExample(() => import("./monitor.ts"), {
      before: (sandbox) => sandbox.order({ fault: "status", status: 429, times: 1 }),
    });
    expect(printed).toEqual([
      ["executor", "openai/gpt-4o", expect.any(Number), expect.any(Number)],
      ["rate_limit_error", expect.any(Number)],
      [printed[0]?.[3]],
    ]);
  });
});
