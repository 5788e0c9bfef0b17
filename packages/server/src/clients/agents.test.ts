import { Agent, OpenAIProvider, Runner, tool } from "@openai/agents";
import OpenAI from "openai";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { question } from "../test-support/client.ts";
import { argumentDeltas, callOfFind, endless } from "../test-support/replies.ts";
import {
  startServerAt,
  startTestServer,
  type TestServer,
} from "../test-support/start-test-server.ts";
import { chunk, events, startUpstream, type Reply } from "../test-support/start-upstream.ts";

let t: TestServer;

beforeAll(async () => {
  t = await startTestServer({
    environment: { AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}' },
  });
});
afterAll(() => t[Symbol.asyncDispose]());
beforeEach(() => t.sandbox.reset());

const [{ content: input }] = question.messages;
const asked: string[] = [];
const find = tool({
  name: "find",
  description: "Finds a year.",
  parameters: z.object({ q: z.string() }),
  execute: ({ q }) => {
    asked.push(q);
    return "1871";
  },
});

/** Calls the tool, and then answers. */
function callThenAnswer(): Reply {
  const replies = [
    callOfFind,
    events(chunk({ role: "assistant", content: "In 1871." }), chunk({}, "stop")),
  ];
  return (response, request) => replies.shift()?.(response, request);
}

describe.each([
  ["responses", true],
  ["chat completions", false],
])("over %s", (_, useResponses) => {
  const runnerOf = (baseURL: string) => {
    const openAIClient = new OpenAI({ baseURL, apiKey: "any", maxRetries: 0 });
    const modelProvider = new OpenAIProvider({ openAIClient, useResponses });
    return new Runner({ modelProvider, tracingDisabled: true });
  };
  const agentOf = (fields: object = {}) =>
    new Agent({ name: "Writer", instructions: "Be short.", model: "agent:writer", ...fields });

  test("an agent answers", async () => {
    const { finalOutput } = await runnerOf(t.url).run(agentOf(), input);
    expect(finalOutput).toContain("1871");
  });

  test("structured output", async () => {
    const agent = agentOf({ outputType: z.object({ answer: z.string() }) });
    const { finalOutput } = await runnerOf(t.url).run(agent, input);
    expect(finalOutput).toHaveProperty("answer");
  });

  test("a streamed agent calls a tool, with the arguments of the model, and answers", async () => {
    asked.length = 0;
    await using upstream = await startUpstream(callThenAnswer());
    await using other = await startServerAt(upstream.url);
    const agent = agentOf({ model: "openai/gpt-4o", tools: [find] });
    const result = await runnerOf(other.url).run(agent, input, { stream: true });
    let text = "";
    for await (const piece of result.toTextStream()) text += piece;
    await result.completed;
    expect(text).toBe("In 1871.");
    const { q } = JSON.parse(argumentDeltas.join("")) as { readonly q: string };
    expect(asked).toEqual([q]);
    const [, second] = upstream.bodies;
    expect(second).toMatchObject({
      messages: [
        { role: "system" },
        { role: "user" },
        {
          role: "assistant",
          tool_calls: [{ id: "call_1", function: { arguments: argumentDeltas.join("") } }],
        },
        { role: "tool", tool_call_id: "call_1", content: "1871" },
      ],
    });
  });

  test("an error ends the run", async () => {
    const agent = agentOf({ model: "agent:wrtier" });
    await expect(runnerOf(t.url).run(agent, input)).rejects.toThrow("Did you mean writer?");
  });

  test("an abort ends the request upstream", async () => {
    const { reply, left } = endless();
    await using upstream = await startUpstream(reply);
    await using other = await startServerAt(upstream.url);
    const controller = new AbortController();
    const result = await runnerOf(other.url).run(agentOf({ model: "openai/gpt-4o" }), input, {
      stream: true,
      signal: controller.signal,
    });
    for await (const _ of result.toTextStream()) controller.abort();
    await left;
    await expect.poll(() => other.records[0]?.status).toBe("aborted");
  });
});
