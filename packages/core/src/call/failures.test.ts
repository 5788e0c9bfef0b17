import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { FakeClock } from "../clock/fake-clock.ts";
import { ModelError } from "../errors/index.ts";
import {
  guideFallbacks,
  startTestOrchestra,
  type TestOrchestra,
} from "../test-support/test-orchestra.ts";
import { failure, fakeCall } from "./__fixtures__/fake-call.ts";
import { failCall, firstAttempt } from "./chain.ts";

const question = [
  new HumanMessage(
    "# Task\n\nWhen was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871. It is painted green, and it has been so since the war.",
  ),
];
const withFallbacks = { PORTKEY_FALLBACKS: guideFallbacks };

describe("a route that falls silent", () => {
  test.each([
    ["no first token", { LLM_FIRST_TOKEN_TIMEOUT: "0.3" }],
    ["no whole answer", { LLM_REQUEST_TIMEOUT: "0.3" }],
  ] as const)("is left at once for the fallback: %s", async (_, environment) => {
    const clock = new FakeClock();
    await using t = await startTestOrchestra({
      clock,
      environment: { ...environment, ...withFallbacks },
    });
    t.sandbox.order({ fault: "hang", route: "openrouter" });
    const answer = t.orchestra.chat(question);
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    await clock.advance(300);
    expect((await answer).text).toContain("1871");
    await expectLeft(t);
  });

  test("is left for the fallback when it stalls between tokens, in spite of keep-alive comments", async () => {
    await using t = await startTestOrchestra({
      environment: { LLM_STALL_TIMEOUT: "0.3", ...withFallbacks },
    });
    t.sandbox.order({ fault: "stall", afterChunks: 1, route: "openrouter" });
    expect((await t.orchestra.chat(question)).text).toContain("1871");
    await expectLeft(t);
  });

  async function expectLeft(t: TestOrchestra): Promise<void> {
    expect(t.record().attempts).toMatchObject([
      { error: { kind: "timeout_error" } },
      { via: "portkey" },
    ]);
    const isLeft = () =>
      t.sandbox.books.entries.every(({ route, aborted }) => route === "gateway" || aborted);
    await expect.poll(isLeft).toBe(true);
  }

  test("is tried again where there is no other", async () => {
    const clock = new FakeClock();
    await using t = await startTestOrchestra({
      clock,
      environment: { LLM_FIRST_TOKEN_TIMEOUT: "0.3" },
    });
    t.sandbox.order({ fault: "hang", times: 1 });
    const answer = t.orchestra.chat(question);
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    // The second attempt begins after a pause of 2 ms at most.
    await clock.advance(302);
    await answer;
    expect(t.record().attempts).toHaveLength(2);
  });

  test("a slow answer that continues does not count as silent", async () => {
    const clock = new FakeClock();
    await using t = await startTestOrchestra({
      clock,
      sandbox: { latency: { betweenTokensMs: 1, chunkCharacters: 4 } },
      environment: { LLM_STALL_TIMEOUT: "0.5", LLM_FIRST_TOKEN_TIMEOUT: "0.5" },
      // As if each piece took 400 ms.
      onEvent: ({ type }) => void (type === "text-delta" && clock.advance(400)),
    });
    await t.orchestra.chat(question);
    expect(t.record().attempts).toHaveLength(1);
    expect(t.record().durationMs).toBeGreaterThan(500);
  });

  test("LLM_CALL_TIMEOUT ends the call with its retries and fallbacks", async () => {
    await using t = await startTestOrchestra({
      environment: {
        ...withFallbacks,
        LLM_CALL_TIMEOUT: "0.6",
        LLM_RETRY_DELAY: "5",
        LLM_RETRY_MAX_DELAY: "5",
      },
      random: () => 0.9,
    });
    t.sandbox.order({ fault: "status", status: 503 });
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({ code: "timeout_error" });
    expect(t.record()).toMatchObject({ status: "failed", attempts: [{ status: 503 }] });
  });
});

describe("an abort by the error of another call", () => {
  test.each([
    { kind: "invalid_response_error", status: 200 },
    { kind: "service_error", status: 503 },
    { kind: "connection_error" },
  ] as const)("does not mention its own request: $kind", async (details) => {
    await using t = await startTestOrchestra({});
    t.sandbox.order({ fault: "hang" });
    const caller = new AbortController();
    const reason = new ModelError("The other call failed", details);
    const answer = t.orchestra.chat(question, { signal: caller.signal });
    answer.catch(() => undefined);
    await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
    caller.abort(reason);
    await expect(answer).rejects.toBe(reason);
    expect(t.record().attempts).toMatchObject([{ status: undefined, error: { kind: "aborted" } }]);
  });
});

describe("an answer that is complete", () => {
  test.each(["no-done", "no-done-open"] as const)(
    "is a success at once, with usage, without [DONE] (%s)",
    async (fault) => {
      await using t = await startTestOrchestra();
      t.sandbox.order({ fault });
      const message = await t.orchestra.chat(question);
      expect(message.text).toContain("1871");
      expect(t.record().attempts).toHaveLength(1);
      expect(t.record().promptTokens).toBeGreaterThan(0);
    },
  );

  test.each(["no-done", "no-done-open"] as const)("ends a live stream too (%s)", async (fault) => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault });
    let text = "";
    for await (const chunk of await t.orchestra.model.stream(question)) text += chunk.text;
    expect(text).toContain("1871");
    expect(t.record()).toMatchObject({ status: "succeeded" });
  });
});

describe("an answer that a filter stopped", () => {
  test("does not count as a success, whole or live", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "content-filter" });
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({ code: "permission_error" });
    const reading = (async () => {
      for await (const _ of await t.orchestra.model.stream(question));
    })();
    await expect(reading).rejects.toMatchObject({
      code: "stream_interrupted",
      cause: { kind: "permission_error" },
    });
  });
});

describe("a fallback to a model with other features", () => {
  const environment = {
    PORTKEY_FALLBACKS: '[{"provider":"anthropic","model":"claude-3-haiku-20k"}]',
    LLM_MAX_RETRIES: "0",
  };

  test("requests the output schema by the method that the model supports", async () => {
    await using t = await startTestOrchestra({ environment });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter" });
    const schema = z.object({ answer: z.string() });
    const { answer } = await t.orchestra.model.withStructuredOutput(schema).invoke(question);
    expect(answer).toContain("1871");
    const [asked, hopped] = t.sandbox.books.entries.map(({ body }) => body);
    expect(asked).toMatchObject({ response_format: { type: "json_schema" } });
    expect(hopped).toMatchObject({ tools: [{ function: { name: "extract" } }] });
    expect(hopped?.["response_format"]).toBeUndefined();
  });

  test("carries the tools", async () => {
    await using t = await startTestOrchestra({ environment });
    t.sandbox.order({ fault: "status", status: 503, route: "openrouter" });
    const search = tool(() => "", {
      name: "search",
      description: "Searches the archive",
      schema: z.object({ query: z.string() }),
    });
    const answer = await t.orchestra.model.bindTools([search]).invoke("When was Vell built?");
    expect(answer.tool_calls).toMatchObject([{ name: "search" }]);
    expect(t.record().fallbackUsed).toBe(true);
  });
});

describe("402", () => {
  test("can only afford N: asks for N tokens, once", async () => {
    await using t = await startTestOrchestra({ sandbox: { creditsUsd: 0.003 } });
    await t.orchestra.chat(question);
    const [refused, served] = t.sandbox.books.entries;
    expect(refused?.body["max_tokens"]).toBe(4096);
    expect(served?.body["max_tokens"]).toBe(affordable(t.record().attempts[0]?.error?.message));
    expect(t.record().attempts).toHaveLength(2);

    t.sandbox.order({ fault: "can-only-afford" });
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({
      code: "insufficient_credits_error",
    });
    expect(t.records[1]?.attempts).toHaveLength(2);
  });

  test("in flight: is waited for", async () => {
    await using t = await startTestOrchestra({ environment: { LLM_RETRY_MAX_DELAY: "2" } });
    t.sandbox.order({ fault: "in-flight", retryAfterSeconds: 1, times: 1 });
    await t.orchestra.chat(question);
    expect(t.record().attempts).toMatchObject([
      { error: { kind: "rate_limit_error" } },
      { waitedMs: 1000 },
    ]);
  });
});

describe("what only some models can fix", () => {
  test("a refusal for content reaches the caller; another model is tried only when asked to", async () => {
    for (const [asked, attempts] of [
      ["false", 1],
      ["true", 2],
    ] as const) {
      await using t = await startTestOrchestra({
        environment: { ...withFallbacks, LLM_FALLBACK_ON_REFUSAL: asked },
      });
      t.sandbox.order({ fault: "moderation", route: "openrouter" });
      await t.orchestra.chat(question).catch(() => undefined);
      expect(t.record().attempts).toHaveLength(attempts);
      expect(t.record().attempts[0]?.error?.kind).toBe("permission_error");
    }
  });

  test("a request that is too long is sent to a model with a larger context, not to the same or an unknown one", async () => {
    await using t = await startTestOrchestra();
    const { orchestra } = t;
    const small = orchestra.modelFor("small", { model: "meta-llama/llama-3-70b-instruct" });
    const large = orchestra.modelFor("large", { model: "google/gemini-1.5-pro" });
    t.sandbox.order({ fault: "context-length", model: "meta-llama/llama-3-70b-instruct" });
    await orchestra.catalog.list();
    await small.withFallbacks([small, large]).invoke(question);
    expect(t.record().attempts.map(({ model }) => model)).toEqual([
      "meta-llama/llama-3-70b-instruct",
      "google/gemini-1.5-pro",
    ]);
  });

  test.each([
    ["false", 1, "LLM_ALLOW_PAID_FALLBACK"],
    ["true", 2, "add another one to PORTKEY_FALLBACKS"],
  ])(
    "a free model's place is taken by a paid one only when allowed (%s)",
    async (allowed, attempts, advice) => {
      await using t = await startTestOrchestra({
        environment: {
          PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o-mini"}]',
          LLM_ALLOW_PAID_FALLBACK: allowed,
          LLM_MAX_RETRIES: "0",
        },
      });
      const free = t.orchestra.modelFor("free", {
        model: "meta-llama/llama-3.3-70b-instruct:free",
      });
      t.sandbox.order({ fault: "status", status: 503 });
      await expect(free.invoke(question)).rejects.toThrow(advice);
      expect(t.record().attempts).toHaveLength(attempts);
    },
  );
});

describe("the transient and the permanent 404", () => {
  test("an unknown model is answered with the nearest ones", async () => {
    await using t = await startTestOrchestra({});
    const model = t.orchestra.modelFor("writer", { model: "openai/gpt-4o-mimi" });
    await expect(model.invoke(question)).rejects.toThrow(
      /openrouter\.ai\/models\. Nearest: openai\/gpt-4o-mini, .+\.$/,
    );
    await expect(model.stream(question)).rejects.toThrow(/Nearest: openai\/gpt-4o-mini, .+\.$/);
  });

  test("an abort ends the wait for the list of models", async () => {
    const controller = new AbortController();
    const nearestModels = () => {
      controller.abort();
      return new Promise<never>(() => undefined);
    };
    const { call } = fakeCall({ signal: controller.signal, services: { nearestModels } });
    const error = failure("invalid_request_error", { reason: "model_not_found" });
    call.log.begin(firstAttempt(call)).end({}, error);
    expect(await failCall(call, error)).toMatchObject({ code: "invalid_request_error" });
  });

  test("from upstream it is retried; an unknown model is not", async () => {
    await using t = await startTestOrchestra();
    t.sandbox.order({ fault: "not-found-upstream", times: 2 });
    await t.orchestra.chat(question);
    expect(t.record().attempts).toHaveLength(3);

    t.sandbox.order({ fault: "unknown-model" });
    await expect(t.orchestra.chat(question)).rejects.toMatchObject({
      code: "invalid_request_error",
    });
    expect(t.records[1]?.attempts).toHaveLength(1);
  });
});

function affordable(message: string | undefined): number {
  return Number(/can only afford (\d+)/.exec(message ?? "")?.[1]);
}
