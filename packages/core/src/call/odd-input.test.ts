import { AIMessageChunk } from "@langchain/core/messages";
import { describe, expect, test } from "vitest";
import { completion } from "../completions/__fixtures__/completions.ts";
import { CallFailedError } from "../errors/index.ts";
import type { Policy } from "./index.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraOptions } from "../gateway/orchestra-options.ts";
import { silentLogger } from "../usage/index.ts";

const messages = [{ role: "user" as const, content: "Hello" }];
const apiKey = "sk-or-v1-test-0123456789";

function orchestraAt(answer: () => Response, options: Partial<OrchestraOptions> = {}) {
  const sent: unknown[] = [];
  const orchestra = new Orchestra({
    environment: { OPENROUTER_API_KEY: apiKey, LLM_MAX_RETRIES: "0" },
    logger: silentLogger,
    ...options,
    fetch: async (_, init) => {
      if (init?.method === "POST") sent.push(init.body);
      return answer();
    },
  });
  return { orchestra, sent };
}

const streamOf = (chunks: readonly object[]) => () =>
  new Response(
    [...chunks.map((chunk) => JSON.stringify(chunk)), "[DONE]"]
      .map((data) => `data: ${data}\n\n`)
      .join(""),
    { headers: { "content-type": "text/event-stream" } },
  );

describe("requests that cannot work", () => {
  test.each([
    ["max_tokens", "many"],
    ["max_tokens", Number.NaN],
    ["max_tokens", -5],
    ["max_completion_tokens", 0],
    ["n", 1.5],
  ])("%s of %s is refused before anything is sent", async (field, value) => {
    const { orchestra, sent } = orchestraAt(() => Response.json(completion()));
    const request = { messages, [field]: value };
    await expect(orchestra.completions.create(request)).rejects.toMatchObject({
      name: "ArgumentError",
      message: expect.stringContaining(`request.${field} must be`),
    });
    expect(sent).toEqual([]);
  });

  test("a value that JSON does not have is the request's fault", async () => {
    const { orchestra, sent } = orchestraAt(() => Response.json(completion()));
    const failure = orchestra.completions.create({ messages, own_field: 1n });
    await expect(failure).rejects.toThrow("The request cannot be written as JSON");
    await expect(failure).rejects.toMatchObject({ code: "invalid_request_error" });
    expect(sent).toEqual([]);
  });
});

test.each([{}, { kind: "whole" }])(
  "a policy that returns %j fails the call with an error that has the expected value",
  async (nothing) => {
    const none = (() => async () => nothing) as unknown as Policy;
    const { orchestra } = orchestraAt(() => Response.json(completion()), {
      policies: (defaults) => [...defaults, none],
    });
    await expect(orchestra.completions.create({ messages })).rejects.toThrow(
      "The policy none resolved to",
    );
  },
);

test("a key that a server quotes is in no error and in no record", async () => {
  const texts: string[] = [];
  const { orchestra } = orchestraAt(
    () => Response.json({ error: { message: `Invalid key ${apiKey}` } }, { status: 401 }),
    { onCall: (record) => void texts.push(JSON.stringify(record)) },
  );
  const failure: unknown = await orchestra.completions
    .create({ messages })
    .catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(CallFailedError);
  const { message, stack } = failure as CallFailedError;
  for (const text of [message, String(stack), ...texts]) {
    expect(text).toContain("[redacted]");
    expect(text).not.toContain(apiKey);
  }
});

test("usage without numbers does not change the reservation of a budget", async () => {
  const { orchestra, sent } = orchestraAt(
    () => Response.json({ ...completion(), usage: { prompt_tokens: -500 } }),
    { settings: { budgetTokensPerRun: 200 } },
  );
  const call = () =>
    orchestra.completions.create({ messages, max_tokens: 90 }, { runId: "the run" });
  await call();
  await expect(call()).rejects.toMatchObject({ code: "budget_error" });
  expect(sent).toHaveLength(1);
});

test("chunks without a role are an assistant's, with tool calls and usage", async () => {
  const called = { name: "find", arguments: "{}" };
  const toolCall = { index: 0, id: "call-1", type: "function", function: called };
  const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
  const { orchestra } = orchestraAt(
    streamOf([
      { id: "a", choices: [{ index: 0, delta: { tool_calls: [toolCall] } }] },
      { id: "a", choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }], usage },
    ]),
  );
  let whole: AIMessageChunk | undefined;
  for await (const chunk of await orchestra.model.stream("Hello")) {
    whole = whole ? whole.concat(chunk) : chunk;
  }
  expect(whole).toBeInstanceOf(AIMessageChunk);
  expect(whole?.tool_calls).toMatchObject([{ name: "find", args: {} }]);
  expect(whole?.usage_metadata).toMatchObject({ input_tokens: 7, output_tokens: 3 });
});

test("concurrent reads of a stream get each chunk once, and all of them get the end", async () => {
  const delta = (content: string) => ({ choices: [{ index: 0, delta: { content } }] });
  const { orchestra } = orchestraAt(
    streamOf([
      delta("a"),
      delta("b"),
      { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    ]),
  );
  const stream = await orchestra.completions.create({ messages, stream: true });
  const iterator = stream[Symbol.asyncIterator]();
  const results = await Promise.all(Array.from({ length: 6 }, () => iterator.next()));
  const texts = results.flatMap(({ value }) => value?.choices[0]?.delta.content ?? []);
  expect(texts).toEqual(["a", "b"]);
  expect(results.at(-1)?.done).toBe(true);
});

test("a log that throws does not fail a call", async () => {
  const fail = () => {
    throw new Error("The disk is full");
  };
  const logger = { error: fail, warn: fail, info: fail, debug: fail };
  const { orchestra } = orchestraAt(() => Response.json(completion()), { logger });
  await expect(orchestra.completions.create({ messages })).resolves.toBeDefined();
});

test.each<[unknown, string]>([
  [[{ id: "c" }], "A tool call of the answer does not name its tool"],
  [[null], "A tool call of the answer does not name its tool"],
  ["find", "The tool calls of the answer are not a list"],
])("tool calls of %j are no answer", async (tool_calls, problem) => {
  const message = { role: "assistant", content: "", tool_calls };
  const choices = [{ index: 0, message, finish_reason: "tool_calls" }];
  const { orchestra } = orchestraAt(() => Response.json({ ...completion(), choices }));
  await expect(orchestra.completions.create({ messages })).rejects.toThrow(problem);
});
