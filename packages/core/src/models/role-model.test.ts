import { createRequire } from "node:module";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { type AIMessageChunk, HumanMessage, SystemMessage } from "@langchain/core/messages";
import type * as openai from "@langchain/openai";
import { concat } from "@langchain/core/utils/stream";
import { tool } from "@langchain/core/tools";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { CallFailedError, StreamInterruptedError } from "../errors/index.ts";
import { guideFallbacks, startTestOrchestra } from "../test-support/test-orchestra.ts";

const material = [
  new SystemMessage("Answer from the archive."),
  new HumanMessage(
    "# Task\n\nWhen was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871. It is painted green.",
  ),
];

describe("one call", () => {
  test("answers, and is written down with model, provider, tokens, cost and time", async () => {
    await using t = await startTestOrchestra();
    const message = await t.orchestra.modelFor("researcher").invoke(material);

    expect(message.text).toContain("1871");
    const [booked] = t.sandbox.books.entries;
    expect(t.record()).toMatchObject({
      role: "researcher",
      status: "succeeded",
      model: "openai/gpt-4o",
      servedModel: "openai/gpt-4o",
      provider: booked?.provider,
      via: "openrouter",
      fallbackUsed: false,
      promptTokens: booked?.promptTokens,
      completionTokens: booked?.completionTokens,
      costUsd: booked?.costUsd,
      attempts: [{ number: 1, status: 200, generationId: booked?.id, waitedMs: 0 }],
    });
    expect(t.record().costUsd).toBeGreaterThan(0);
    expect(t.record().timeToFirstTokenMs).toBeGreaterThan(0);
  });

  test("always sends max_tokens, and OpenRouter's headers with every request", async () => {
    await using t = await startTestOrchestra({
      environment: {
        OPENROUTER_HEADERS: '{"HTTP-Referer":"https://example.com","X-Title":"Test of headers"}',
      },
    });
    await t.orchestra.chat(material);
    const [booked] = t.sandbox.books.entries;
    expect(booked?.body["max_tokens"]).toBe(4096);
    expect(booked?.headers).toMatchObject({
      "http-referer": "https://example.com",
      "x-title": "Test of headers",
    });
  });

  test("retries retryable errors, with waits within the policy", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 503, times: 2 });
    await t.orchestra.chat(material);

    const { attempts, fallbackUsed } = t.record();
    expect(attempts.map(({ error }) => error?.kind)).toEqual([
      "service_error",
      "service_error",
      undefined,
    ]);
    expect(attempts[0]?.waitedMs).toBe(0);
    for (const { waitedMs } of attempts) expect(waitedMs).toBeLessThanOrEqual(10);
    expect(fallbackUsed).toBe(false);
    expect(t.events.filter(({ type }) => type === "retry")).toHaveLength(2);
  });

  test("LLM_MAX_RETRIES counts further attempts, and the error lists them all", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_MAX_RETRIES: "2" } });
    t.sandbox.order({ fault: "status", status: 503 });
    const error: unknown = await t.orchestra.chat(material).catch((thrown: unknown) => thrown);

    expect(CallFailedError.isInstance(error)).toBe(true);
    const failure = error as CallFailedError;
    expect(failure).toMatchObject({ code: "service_error", role: "general" });
    expect(failure.attempts).toHaveLength(3);
    expect(failure.errors).toHaveLength(3);
    for (const number of [1, 2, 3]) expect(failure.message).toContain(`${number}. openai/gpt-4o`);
    expect(failure.message).toContain("PORTKEY_FALLBACKS");
    expect(t.record()).toMatchObject({ status: "failed", error: { kind: "service_error" } });
    expect(t.sandbox.books.entries).toHaveLength(3);
  });

  test.each([
    [401, "authentication_error"],
    [402, "insufficient_credits_error"],
    [403, "permission_error"],
    [422, "invalid_request_error"],
  ])("does not retry a %i", async (status, kind) => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status });
    await expect(t.orchestra.chat(material)).rejects.toMatchObject({ code: kind });
    expect(t.sandbox.books.entries).toHaveLength(1);
  });

  test.each(["hang", "slow"] as const)("ends if no answer arrives (%s)", async (fault) => {
    await using t = await startTestOrchestra({
      environment: { LLM_REQUEST_TIMEOUT: "0.05", LLM_MAX_RETRIES: "0" },
    });
    t.sandbox.order({ fault });
    await expect(t.orchestra.chat(material)).rejects.toMatchObject({ code: "timeout_error" });
  });

  test("a caller's abort settles with its own reason, without a retry or a fallback", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault: "hang" });
    const caller = new AbortController();
    const call = t.orchestra.chat(material, { signal: caller.signal });
    await arrival(t);
    const reason = new Error("changed my mind");
    caller.abort(reason);

    await expect(call).rejects.toBe(reason);
    expect(t.record()).toMatchObject({
      status: "aborted",
      attempts: [{ error: { kind: "aborted" } }],
    });
  });
});

describe("fallbacks", () => {
  test("Portkey answers when the retries are used up, and the record and the events show that", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter" });
    const message = await t.orchestra.chat(material);

    expect(message.text).toContain("1871");
    expect(t.record()).toMatchObject({ status: "succeeded", fallbackUsed: true, via: "portkey" });
    expect(t.record().attempts.map(({ model }) => model)).toEqual([
      ...Array.from({ length: 4 }, () => "openai/gpt-4o"),
      "gpt-4o-mini",
    ]);
    expect(t.events).toContainEqual(
      expect.objectContaining({ type: "fallback", from: "openai/gpt-4o", to: "gpt-4o-mini" }),
    );
  });

  test("continues with the next one, at once where retrying is useless", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order(
      { fault: "status", status: 402, route: "openrouter" },
      { fault: "status", status: 402, model: "gpt-4o-mini" },
    );
    await t.orchestra.chat(material);
    expect(t.record().attempts.map(({ model }) => model)).toEqual([
      "openai/gpt-4o",
      "gpt-4o-mini",
      "claude-3-haiku-20k",
    ]);
  });

  test("an unknown model falls back; a wrong key does not", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    await t.orchestra.modelFor("writer", { model: "nobody/knows-this" }).invoke(material);
    expect(t.record()).toMatchObject({ fallbackUsed: true });

    t.sandbox.order({ fault: "status", status: 401, route: "openrouter" });
    await expect(t.orchestra.chat(material)).rejects.toMatchObject({
      code: "authentication_error",
    });
  });

  test("a wait that the server asks for beyond LLM_RETRY_MAX_DELAY is a fallback now", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault: "status", status: 429, retryAfterSeconds: 30, route: "openrouter" });
    await t.orchestra.chat(material);
    expect(t.record().attempts).toHaveLength(2);
  });

  test("carries Portkey's headers, with the trace id and the virtual key", async () => {
    await using t = await startTestOrchestra({
      environment: {
        PORTKEY_FALLBACKS: guideFallbacks,
        PORTKEY_API_KEY: "pk-test-0123456789",
        TRACE_ID: "nightly",
        VIRTUAL_KEY: "my-virtual-key",
      },
    });
    t.sandbox.order({ fault: "status", status: 402, route: "openrouter" });
    await t.orchestra.chat(material);
    expect(t.sandbox.books.entries.at(-1)?.headers).toMatchObject({
      "x-portkey-provider": "openai",
      "x-portkey-trace-id": "nightly",
      "x-portkey-virtual-key": "my-virtual-key",
    });
    expect(t.record().traceId).toBe("nightly");
  });

  test("OpenRouter's key is never sent to another provider", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault: "status", status: 402, route: "openrouter" });
    await t.orchestra.chat(material).catch(() => undefined);
    const [direct, fallback] = t.sandbox.books.entries;
    expect(fallback?.apiKey).not.toBe(direct?.apiKey);
  });

  test("batch: one failing input leaves the others alone", async () => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault: "status", status: 402, route: "openrouter", times: 1 });
    const answers = await t.orchestra.model.batch([material, material, material]);
    expect(answers.map(({ text }) => text.includes("1871"))).toEqual([true, true, true]);
    expect(t.records.filter(({ fallbackUsed }) => fallbackUsed)).toHaveLength(1);
  });
});

describe("as LangChain's runnable", () => {
  test("withRetry replaces the policy instead of multiplying it", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 503 });
    const model = t.orchestra.model
      .withRetry({ stopAfterAttempt: 2 })
      .withRetry({ stopAfterAttempt: 3 });
    await expect(model.invoke(material)).rejects.toThrow("3. openai/gpt-4o");
    expect(t.sandbox.books.entries).toHaveLength(3);
  });

  test("withFallbacks takes any chat model, and refuses other values", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 402, model: "openai/gpt-4o" });
    const { model } = t.orchestra;
    const other = t.orchestra.modelFor("other", { model: "openai/gpt-4o-mini" });
    const answer = await model.withFallbacks([other]).invoke(material);
    expect(answer.text).toContain("1871");
    expect(t.record()).toMatchObject({ fallbackUsed: true, servedModel: "openai/gpt-4o-mini" });
    expect(() => model.withFallbacks([model.pipe((message) => message)])).toThrow(
      "is not a chat model",
    );
  });

  test("withFallbacks takes a chat model of another copy of LangChain", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "status", status: 402, model: "openai/gpt-4o" });
    // Node.js loads the CommonJS files as a second copy, with classes of its own.
    const { ChatOpenAI } = createRequire(import.meta.url)("@langchain/openai") as typeof openai;
    const other = new ChatOpenAI({
      model: "openai/gpt-4o-mini",
      apiKey: "sk-or-v1-other",
      configuration: { baseURL: t.sandbox.url },
    });
    expect(other).not.toBeInstanceOf(BaseChatModel);
    const answer = await t.orchestra.model.withFallbacks([other as never]).invoke(material);
    expect(answer.text).toContain("1871");
    expect(t.record()).toMatchObject({ fallbackUsed: true, via: "direct" });
  });

  test.each(["itself", "withRetry", "withFallbacks"] as const)(
    "keeps its retries inside createAgent with tools (%s)",
    async (how) => {
      await using t = await startTestOrchestra();
      t.sandbox.order({ fault: "status", status: 503, times: 2 });
      const { model: general } = t.orchestra;
      const model = {
        itself: general,
        withRetry: general.withRetry({ stopAfterAttempt: 3 }),
        withFallbacks: general.withFallbacks([t.orchestra.modelFor("other")]),
      }[how];
      const search = tool(() => "The lighthouse of Vell was built in 1871.", {
        name: "search",
        description: "Searches the archive",
        schema: z.object({ query: z.string() }),
      });
      const agent = createAgent({ model: model as never, tools: [search] });
      const { messages } = await agent.invoke({
        messages: [new HumanMessage("When was the lighthouse of Vell built?")],
      });
      expect(messages.at(-1)?.text).toContain("1871");
      expect(t.records[0]?.attempts).toHaveLength(3);
    },
  );

  test("callbacks see one chat model run with its tags, and each token once", async () => {
    await using t = await startTestOrchestra();
    let starts = 0;
    let text = "";
    let tags: string[] | undefined;
    const callbacks = [
      {
        handleChatModelStart(...given: unknown[]) {
          starts += 1;
          tags = given[5] as string[];
        },
        handleLLMNewToken(token: string) {
          text += token;
        },
      },
    ];
    const chunks = [];
    for await (const chunk of await t.orchestra.model.stream(material, {
      callbacks,
      tags: ["mine"],
    })) {
      chunks.push(chunk);
    }
    expect(starts).toBe(1);
    expect(tags).toContain("mine");
    expect(text).toBe(chunks.map((chunk) => chunk.text).join(""));
    expect(text).toContain("1871");
  });

  test("withStructuredOutput, by each method", async () => {
    await using t = await startTestOrchestra();
    const schema = z.object({ answer: z.string() });
    for (const method of [undefined, "jsonSchema", "functionCalling", "jsonMode"] as const) {
      const model = t.orchestra.model.withStructuredOutput(schema, method ? { method } : {});
      const { answer } = await model.invoke(material);
      expect(answer).toContain("1871");
    }
    const bodies = t.sandbox.books.entries.map(({ body }) => body);
    expect(
      bodies.map(({ response_format, tools }) => [
        (response_format as { type?: string })?.type,
        Array.isArray(tools),
      ]),
    ).toEqual([
      ["json_schema", false],
      ["json_schema", false],
      [undefined, true],
      ["json_object", false],
    ]);
  });

  test.each([{}, { jsonSchema: {} }, { jsonSchema: { type: "object" } }, [], "text"])(
    "an outputSchema that withStructuredOutput did not make is refused: %o",
    async (outputSchema) => {
      await using t = await startTestOrchestra();
      const options = { outputSchema } as never;
      const problem = /options\.outputSchema.* is .*: expected what withStructuredOutput\(\) makes/;
      await expect(t.orchestra.model.invoke("Hello", options)).rejects.toThrow(problem);
      await expect(t.orchestra.model.stream("Hello", options)).rejects.toThrow(problem);
      expect(() => t.orchestra.model.withConfig(options)).toThrow(problem);
      expect(t.events).toEqual([]);
    },
  );

  test("withStructuredOutput of a union asks for it in an object, by each method", async () => {
    const found = { kind: "found", year: "1871" };
    const response = { content: JSON.stringify({ answer: found }) };
    await using t = await startTestOrchestra({ sandbox: { fixtures: [{ match: {}, response }] } });
    const union = z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("found"), year: z.string() }),
      z.object({ kind: z.literal("none") }),
    ]);
    for (const schema of [union, z.toJSONSchema(union) as Record<string, unknown>]) {
      for (const method of ["jsonSchema", "functionCalling", "jsonMode"] as const) {
        const model = t.orchestra.model.withStructuredOutput(schema, { method });
        expect(await model.invoke(material)).toEqual(found);
        expect((await Array.fromAsync(await model.stream(material))).at(-1)).toEqual(found);
      }
    }
    const withRaw = t.orchestra.model.withStructuredOutput(union, { includeRaw: true });
    expect(await withRaw.invoke(material)).toMatchObject({ parsed: found });
    for (const { body } of t.sandbox.books.entries) {
      const text = JSON.stringify(body).replaceAll("\\", "");
      expect(text).toMatch(/"type":"object","properties":{"answer":{"(any|one)Of"/);
    }
  });

  test("structured output falls back to tool calling where the model does not support json_schema", async () => {
    await using t = await startTestOrchestra();
    const ids = [...(await t.orchestra.catalog.list()).values()];
    const toolsOnly = ids.find(
      ({ supportedParameters: known }) => known?.has("tools") && !known.has("structured_outputs"),
    );
    const schema = z.object({ answer: z.string() });
    const model = t.orchestra
      .modelFor("any", { model: toolsOnly?.id })
      .withStructuredOutput(schema);
    await expect(model.invoke(material)).resolves.toHaveProperty("answer");
    expect(t.sandbox.books.entries[0]?.body["response_format"]).toBeUndefined();
    expect(t.sandbox.books.entries[0]?.body["tools"]).toHaveLength(1);
  });
});

describe("streaming", () => {
  test("live: chunks add up to the answer, with usage once", async () => {
    await using t = await startTestOrchestra();
    let whole: AIMessageChunk | undefined;
    for await (const chunk of await t.orchestra.model.stream(material)) {
      whole = whole ? concat(whole, chunk) : chunk;
    }
    const [booked] = t.sandbox.books.entries;
    expect(whole?.text).toContain("1871");
    expect(whole?.usage_metadata).toMatchObject({
      input_tokens: booked?.promptTokens,
      output_tokens: booked?.completionTokens,
    });
    expect(t.record()).toMatchObject({ status: "succeeded", costUsd: booked?.costUsd });
  });

  test("live: a failure before the first token is retried unseen", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order(
      { fault: "error-mid-stream", afterChunks: 0, times: 1 },
      { fault: "status", status: 503, times: 1 },
    );
    let text = "";
    for await (const chunk of await t.orchestra.model.stream(material)) text += chunk.text;
    expect(text.match(/1871/g)).toHaveLength(1);
    expect(t.record().attempts).toHaveLength(3);
  });

  test.each(["cut", "truncated", "error-mid-stream"] as const)(
    "live: a failure after the first token is a typed error with the text so far (%s)",
    async (fault) => {
      await using t = await startTestOrchestra({
        environment: { PORTKEY_FALLBACKS: guideFallbacks },
      });
      t.sandbox.order({ fault, afterChunks: 1 });
      let text = "";
      const reading = (async () => {
        for await (const chunk of await t.orchestra.model.stream(material)) text += chunk.text;
      })();
      const error: unknown = await reading.catch((thrown: unknown) => thrown);
      expect(StreamInterruptedError.isInstance(error)).toBe(true);
      expect((error as StreamInterruptedError).partialText).toBe(text);
      expect(text).not.toBe("");
      expect(t.record()).toMatchObject({ status: "failed" });
    },
  );

  test("live: a restart that was asked for is announced, by an event and a marked chunk", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_STREAM_RESTARTS: "1" } });
    t.sandbox.order({ fault: "truncated", afterChunks: 1, times: 1 });
    let text = "";
    for await (const chunk of await t.orchestra.model.stream(material)) {
      if (chunk.response_metadata["restart"] === 1) text = "";
      text += chunk.text;
    }
    expect(text).toBe("The lighthouse of Vell was built in 1871.");
    expect(t.events.filter(({ type }) => type === "restart")).toHaveLength(1);
    expect(t.record()).toMatchObject({ status: "succeeded", attempts: [{ error: {} }, {}] });
  });

  test("live: a reader that leaves ends the request", async () => {
    await using t = await startTestOrchestra({
      sandbox: { latency: { betweenTokensMs: 30_000 } },
    });
    for await (const _ of await t.orchestra.model.stream(material)) break;
    await expect.poll(() => t.sandbox.books.entries[0]?.aborted).toBe(true);
    expect(t.record()).toMatchObject({ status: "aborted" });
  });

  test.each([
    "cut",
    "truncated",
    "error-mid-stream",
    "empty",
    "error-200",
    "error-choice",
    "broken-json",
  ] as const)("whole: %s never passes for an answer", async (fault) => {
    await using t = await startTestOrchestra({
      environment: { PORTKEY_FALLBACKS: guideFallbacks },
    });
    t.sandbox.order({ fault, route: "openrouter" });
    const message = await t.orchestra.chat(material);
    expect(message.text).toContain("1871");
    expect(t.record()).toMatchObject({ fallbackUsed: true, via: "portkey" });
  });
});

describe("agent_type", () => {
  const environment = { AGENT_MODEL_MAP: '{"validator":"anthropic/claude-3-opus-20k"}' };

  test("picks the role's model, and the default for a type that no one maps", async () => {
    await using t = await startTestOrchestra({ environment });
    await t.orchestra.chat(material, { agent_type: "validator" });
    await t.orchestra.chat(material, { agent_type: "stranger" });
    await t.orchestra.chat(material, { agent_type: "constructor" });
    await t.orchestra.model.invoke(material, { configurable: { agent_type: "validator" } });
    for await (const _ of await t.orchestra.model.stream(material, {
      configurable: { agent_type: "validator" },
    }));
    expect(t.sandbox.books.entries.map(({ modelAsked }) => modelAsked)).toEqual([
      "anthropic/claude-3-opus-20k",
      "openai/gpt-4o",
      "openai/gpt-4o",
      "anthropic/claude-3-opus-20k",
      "anthropic/claude-3-opus-20k",
    ]);
    expect(t.records.map(({ role }) => role)).toEqual([
      "validator",
      "stranger",
      "constructor",
      "validator",
      "validator",
    ]);
  });
});

async function arrival(t: { sandbox: { books: { entries: readonly unknown[] } } }): Promise<void> {
  await expect.poll(() => t.sandbox.books.entries.length).toBeGreaterThan(0);
}
