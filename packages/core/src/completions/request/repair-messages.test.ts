import { describe, expect, test } from "vitest";
import { completion } from "../__fixtures__/completions.ts";
import { repairMessages } from "./repair-messages.ts";

const content = "The answer does not fit: a: Required. Give the whole answer again, corrected.";
const call = (id: string) => ({
  id,
  type: "function" as const,
  function: { name: "answer", arguments: "{}" },
});

describe("repairMessages", () => {
  test("shows the answer as text, and the problem as the user's message", () => {
    expect(repairMessages(completion(), "a: Required")).toEqual([
      { role: "assistant", content: "Hello there" },
      { role: "user", content },
    ]);
  });

  test.each([
    ["no content", completion({ message: { role: "assistant", content: null } })],
    ["empty content", completion({ message: { role: "assistant", content: "" } })],
    ["no choice", completion({}, { choices: [] })],
  ])("never sends an empty message: %s", (_, answer) => {
    expect(repairMessages(answer, "a: Required")).toEqual([
      { role: "assistant", content: "(nothing)" },
      { role: "user", content },
    ]);
  });

  test("replies to every tool call, as providers demand", () => {
    const tool_calls = [call("call-1"), call("call-2")];
    const answer = completion({ message: { role: "assistant", content: null, tool_calls } });
    expect(repairMessages(answer, "a: Required")).toEqual([
      { role: "assistant", content: null, tool_calls },
      { role: "tool", content, tool_call_id: "call-1" },
      { role: "tool", content, tool_call_id: "call-2" },
    ]);
  });

  test("keeps the text of a message with a tool call", () => {
    const message = { role: "assistant", content: "Here it is", tool_calls: [call("call-1")] };
    const [first] = repairMessages(completion({ message }), "a: Required");
    expect(first).toEqual(message);
  });
});
