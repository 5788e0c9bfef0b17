import { expect, it } from "vitest";
import { startSandbox } from "../index.ts";
import { HELLO, json, post } from "../test-client.ts";

it("answers by fixtures before it extracts, with usage and cost", async () => {
  await using sandbox = await startSandbox({
    fixtures: [
      { match: { userMessage: "Hello", sequenceIndex: 0 }, response: { content: "First." } },
      { match: { userMessage: "Hello", sequenceIndex: 1 }, response: { content: "Second." } },
      {
        match: { userMessage: "weather" },
        response: { toolCalls: [{ name: "forecast", arguments: "{}" }] },
      },
      { match: { userMessage: "refuse" }, response: { error: { message: "No." }, status: 422 } },
    ],
  });
  const say = async (content: string) =>
    json(await post(sandbox, { ...HELLO, messages: [{ role: "user", content }] }));
  expect(await say("Hello")).toMatchObject({
    choices: [{ message: { content: "First." } }],
    usage: { completion_tokens: 2, cost: expect.any(Number) },
  });
  expect(await say("Hello")).toMatchObject({ choices: [{ message: { content: "Second." } }] });
  expect(await say("the weather")).toMatchObject({
    choices: [
      {
        finish_reason: "tool_calls",
        message: { tool_calls: [{ function: { name: "forecast" } }] },
      },
    ],
  });
  expect(await say("please refuse")).toMatchObject({ error: { code: 422, message: "No." } });
  sandbox.reset();
  expect(await say("Hello")).toMatchObject({ choices: [{ message: { content: "First." } }] });
  expect(JSON.stringify(await say("Good evening"))).toContain("not a language model");
});

it("supports the other APIs of aimock with the same engine", async () => {
  await using sandbox = await startSandbox();
  const ask = async (path: string, body: object) => {
    const response = await fetch(`${sandbox.url}/${path}`, {
      method: "POST",
      headers: { authorization: "Bearer k", "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const responses = await ask("responses", { model: "openai/gpt-4o", input: "Hello" });
  expect(responses).toMatchObject({
    status: 200,
    text: expect.stringContaining("not a language model"),
  });
  const messages = await ask("messages?beta=true", { ...HELLO, max_tokens: 100 });
  expect(messages).toMatchObject({
    status: 200,
    text: expect.stringContaining("not a language model"),
  });
});
