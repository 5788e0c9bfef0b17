import OpenAI from "openai";
import { DIALECTS, dialectModel } from "@orchestra/sandbox";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { question } from "../test-support/client.ts";
import { startTestServer, type TestServer } from "../test-support/start-test-server.ts";

let t: TestServer;
let client: OpenAI;

beforeAll(async () => {
  t = await startTestServer();
  client = new OpenAI({ baseURL: t.url, apiKey: "any", maxRetries: 0 });
});
afterAll(() => t[Symbol.asyncDispose]());

const messages = [...question.messages];
const rows = DIALECTS.map((dialect) => ({ name: dialect.name, model: dialectModel(dialect) }));

/** However a server writes its answers, a client of OpenAI's reads them. */
describe.each(rows)("$name", ({ model }) => {
  test("a completion", async () => {
    const { choices } = await client.chat.completions.create({ model, messages });
    expect(choices[0]?.message.content).toContain("1871");
  });

  test.each(["live", "whole"])("a stream, %s", async (mode) => {
    const stream = await client.chat.completions.create(
      { model, messages, stream: true },
      { headers: { "X-Orchestra-Stream": mode } },
    );
    let text = "";
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? "";
    expect(text).toContain("1871");
  });

  test("a call of a tool, whole and streamed", async () => {
    const find = {
      name: "find",
      description: "Finds a year in the archive.",
      parameters: { type: "object", properties: { query: { type: "string" } } },
    };
    const request = {
      model,
      messages: [{ role: "user" as const, content: "Find the year of the lighthouse." }],
      tools: [{ type: "function" as const, function: find }],
      tool_choice: { type: "function" as const, function: { name: "find" } },
    };
    const { choices } = await client.chat.completions.create(request);
    const [call] = choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ type: "function", function: { name: "find" } });
    const stream = client.chat.completions.stream(request);
    const { tool_calls: streamed } = (await stream.finalChatCompletion()).choices[0]?.message ?? {};
    expect(streamed).toMatchObject([{ function: { name: "find" } }]);
  });
});
