import { describe, expect, test } from "vitest";
import { runExample } from "../run-example.ts";

describe("the examples of docs/coming-from/", () => {
  test("langgraph has two models of one class", async () => {
    const { printed } = await runExample(() => import("./langgraph.ts"));
    expect(printed).toEqual([[true, true]]);
  });

  test("mastra prints a report", async () => {
    const { printed } = await runExample(() => import("./mastra.ts"));
    expect(printed).toEqual([[expect.stringMatching(/^# Report\n\n\w/)]]);
  });
});
