import { describe, expect, it } from "vitest";
import { ask, LAMP_PASSAGES } from "./test-material.ts";
import { splitTarget } from "./write.ts";

describe("splitTarget", () => {
  it.each([
    [
      "Write how the lamp charges to notes/lamp.md.",
      "Write how the lamp charges.",
      "notes/lamp.md",
    ],
    ["Save the answer in `a.txt`", "Save the answer", "a.txt"],
    ["How does node.js load a.json?", "How does node.js load a.json?", undefined],
  ])("parts %j", (question, rest, path) => {
    expect(splitTarget(question)).toEqual({ rest, ...(path !== undefined && { path }) });
  });
});

describe("writing", () => {
  const tool = {
    type: "function",
    function: {
      name: "write_file",
      description: "Writes a file.",
      parameters: {
        type: "object",
        properties: { path: { type: "string" }, content: { type: "string" } },
        required: ["path", "content"],
      },
    },
  };
  const task = "Write how long charging over USB takes to notes/lamp.md";
  const content = `## Task\n${task}\n\n## Material\n\`\`\`json\n${JSON.stringify(LAMP_PASSAGES)}\n\`\`\``;
  const messages = [{ role: "user", content }];

  it("is done once, with the file that the task names", () => {
    const [call] = ask({ messages, tools: [tool] }).toolCalls;
    const args: unknown = JSON.parse(call?.arguments ?? "");
    expect(args).toEqual({ path: "notes/lamp.md", content: expect.stringContaining("four hours") });

    const written = [
      ...messages,
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "c1", type: "function", function: { name: "write_file", arguments: "{}" } },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: "Wrote 64 bytes to notes/lamp.md." },
    ];
    const answer = ask({ messages: written, tools: [tool] });
    expect(answer.toolCalls).toEqual([]);
    expect(answer.content).toContain("four hours");
  });

  it("is left when nothing was found", () => {
    const unknown = content.replace(task, "Write the capital of France to notes/lamp.md");
    const answer = ask({ messages: [{ role: "user", content: unknown }], tools: [tool] });
    expect(answer.toolCalls).toEqual([]);
  });
});
