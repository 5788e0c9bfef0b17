import { describe, expect, it } from "vitest";
import { nameFile, splitTarget } from "./target.ts";
import { questionTerms } from "./terms.ts";
import { ask, LAMP_PASSAGES } from "./test-material.ts";

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

describe("nameFile", () => {
  it.each([
    ["How long does the battery last at full brightness?", "battery-last-full-brightness.md"],
    ["What does GLOW_LEVEL do in ../node.js?", "glow-level-node-js.md"],
    ["Wie hell ist die Größe?", "wie-hell-ist-die-größe.md"],
    ["What is it?", "answer.md"],
  ])("names the file of %j", (question, name) => {
    expect(nameFile(questionTerms(question))).toBe(name);
  });

  it("keeps names short", () => {
    const question = ["a", "b", "c", "d"].map((letter) => letter.repeat(25)).join(" ");
    expect(nameFile(questionTerms(question))).toBe(
      `${"a".repeat(25)}-${"b".repeat(25)}-${"c".repeat(8)}.md`,
    );
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

  describe("from others' claims", () => {
    const question = "How long does the battery last at full brightness?";
    const quote = "its battery lasts for nine hours at full brightness";
    const claims = [
      {
        number: 1,
        claim: "The battery lasts for nine hours at full brightness.",
        evidence: [{ quote, path: "docs/lamp.md", line: 6 }],
      },
    ];
    const asked = (task: string) => [
      { role: "system", content: "Write the answer. Cite each finding as [1]." },
      {
        role: "user",
        content: `## Task\n${task}\n\n## Findings\n\`\`\`json\n${JSON.stringify(claims)}\n\`\`\``,
      },
    ];
    const artifact = {
      type: "function",
      function: {
        name: "artifact",
        description: "Saves a text file beside the answer.",
        parameters: {
          type: "object",
          properties: {
            file_path: { type: "string" },
            text: { type: "string" },
            overwrite: { type: "boolean" },
          },
          required: ["file_path", "text", "overwrite"],
        },
      },
    };
    const answered = (path: string, result: string) => [
      {
        role: "assistant",
        content: null,
        tool_calls: [
          {
            id: "c1",
            type: "function",
            function: {
              name: "artifact",
              arguments: JSON.stringify({ file_path: path, text: "" }),
            },
          },
        ],
      },
      { role: "tool", tool_call_id: "c1", content: result },
    ];
    const path = "battery-last-full-brightness.md";
    const answer = "The battery lasts for nine hours at full brightness [1].";

    it("is done once, in a file named by the task, then answers as ever", () => {
      const request = { messages: asked(question), tools: [artifact] };
      const { content, toolCalls } = ask(request);
      expect(content).toBeNull();
      expect(toolCalls).toHaveLength(1);
      expect(toolCalls[0]?.name).toBe("artifact");
      expect(JSON.parse(toolCalls[0]?.arguments ?? "")).toEqual({
        file_path: path,
        text: `# ${question}\n\n${answer}\n\n## Sources\n\n[1] docs/lamp.md:6: “${quote}”\n`,
        overwrite: false,
      });
      expect(ask(request).toolCalls).toEqual(toolCalls);

      for (const result of [
        JSON.stringify({ path, bytes: 99 }),
        '{"error":"The disk is full."}',
        "The battery text at full brightness lasts for 99 bytes.",
      ]) {
        const messages = [...asked(question), ...answered(path, result)];
        expect(ask({ messages, tools: [artifact] })).toEqual({ content: answer, toolCalls: [] });
        const mending = [
          ...messages,
          { role: "assistant", content: "Nine." },
          { role: "user", content: "Your answer lacks its marks. Answer again." },
        ];
        expect(ask({ messages: mending, tools: [artifact] }).toolCalls).toEqual([]);
      }
    });

    it("is done again for another task", () => {
      const messages = [
        ...asked(question),
        ...answered(path, "{}"),
        { role: "assistant", content: answer },
        ...asked("How many hours does the battery last?").slice(1),
      ];
      const [call] = ask({ messages, tools: [artifact] }).toolCalls;
      expect(call?.arguments).toContain("hours-battery-last.md");
    });

    it("takes the name that the task gives, and titles only Markdown", () => {
      const task = "Write how long the battery lasts at full brightness to notes/lamp.txt.";
      const [call] = ask({ messages: asked(task), tools: [artifact] }).toolCalls;
      expect(JSON.parse(call?.arguments ?? "")).toMatchObject({
        file_path: "notes/lamp.txt",
        text: answer,
      });
    });

    it("is left to tools that write files", () => {
      const others = [
        { name: "send_email", description: "Sends it.", names: ["target", "body"] },
        { name: "create_issue", description: "Creates an issue.", names: ["name", "body"] },
        { name: "read_artifact", description: "Reads a file.", names: ["path", "line"] },
        { name: "search_files", description: "Finds what was saved.", names: ["path", "text"] },
      ].map(({ names, ...rest }) => ({
        type: "function",
        function: {
          ...rest,
          parameters: {
            type: "object",
            properties: Object.fromEntries(names.map((name) => [name, { type: "string" }])),
            required: names,
          },
        },
      }));
      expect(ask({ messages: asked(question), tools: others }).content).toBe(answer);
    });

    it("is left when no tool may be called", () => {
      const body = { messages: asked(question), tools: [artifact], tool_choice: "none" };
      expect(ask(body)).toEqual({ content: answer, toolCalls: [] });
    });
  });

  it("is done without a name only where the task is to write", () => {
    const call = (question: string) => {
      const messages = [{ role: "user", content: content.replace(task, question) }];
      return ask({ messages, tools: [tool] }).toolCalls[0];
    };
    expect(call("How long does charging over USB take?")).toBeUndefined();
    const written = call("Write a note on charging over USB.");
    expect(JSON.parse(written?.arguments ?? "")).toEqual({
      path: "charging-usb.md",
      content: expect.stringContaining("four hours"),
    });
  });
});
