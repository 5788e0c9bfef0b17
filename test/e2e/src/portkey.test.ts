import { HumanMessage, type UsageMetadata } from "@langchain/core/messages";
import { CallFailedError, Orchestra, type CallRecord } from "@orchestra/core";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startGateway, type Gateway } from "./gateway.ts";

const question = [
  new HumanMessage(
    "# Task\n\nWhen was the lighthouse of Vell built?\n\n# Archive\n\nThe lighthouse of Vell was built in 1871.",
  ),
];

let gateway: Gateway;
let sandbox: Sandbox;
const records: CallRecord[] = [];

beforeAll(async () => {
  [gateway, sandbox] = await Promise.all([startGateway(), startSandbox()]);
});

afterAll(async () => {
  await sandbox.close();
  await gateway[Symbol.asyncDispose]();
});

beforeEach(() => {
  sandbox.reset();
  records.length = 0;
});

function orchestra(environment: Record<string, string> = {}): Orchestra {
  return new Orchestra({
    logger: { error() {}, warn() {}, info() {}, debug() {} },
    onCall: (record) => records.push(record),
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-e2e-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
      OPENROUTER_HEADERS: '{"HTTP-Referer":"https://example.com","X-Title":"Orchestra e2e"}',
      PORTKEY_GATEWAY_URL: gateway.url,
      PORTKEY_FALLBACKS: JSON.stringify([
        {
          provider: "openai",
          model: "openai/gpt-4o-mini",
          api_key: "sk-of-openai-0123",
          custom_host: sandbox.url,
        },
      ]),
      LLM_RETRY_DELAY: "0.002",
      LLM_RETRY_MAX_DELAY: "0.02",
      ...environment,
    },
  });
}

/** The primary fails. Requests through the gateway have another name of the model. */
const primaryDown = { fault: "status", status: 503, model: "openai/gpt-4o" } as const;

describe("Portkey's own gateway as the fallback", () => {
  test("answers when the primary model fails, and the record shows the fallback and the waits", async () => {
    sandbox.order(primaryDown);
    const message = await orchestra().chat(question);

    expect(message.text).toContain("1871");
    const [record] = records;
    expect(record).toMatchObject({
      status: "succeeded",
      fallbackUsed: true,
      via: "portkey",
      model: "openai/gpt-4o",
      servedModel: "openai/gpt-4o-mini",
    });
    expect(record?.attempts.map(({ status }) => status)).toEqual([503, 503, 503, 503, 200]);
    for (const { waitedMs } of record?.attempts ?? []) expect(waitedMs).toBeLessThanOrEqual(20);
    const served = sandbox.books.entries.at(-1);
    expect(record).toMatchObject({
      promptTokens: served?.promptTokens,
      completionTokens: served?.completionTokens,
      costUsd: served?.costUsd,
    });
  });

  test("forwards attribution headers, the trace id and the provider's own key", async () => {
    sandbox.order(primaryDown);
    await orchestra({ LLM_MAX_RETRIES: "0", TRACE_ID: "trace-of-e2e" }).chat(question);
    const [direct, served] = sandbox.books.entries;
    expect(served?.headers).toMatchObject({
      "http-referer": "https://example.com",
      "x-title": "Orchestra e2e",
    });
    expect(served?.apiKey).not.toBe(direct?.apiKey);
    expect(records[0]?.traceId).toBe("trace-of-e2e");
  });

  test("streams, with usage counted once", async () => {
    sandbox.order(primaryDown);
    let text = "";
    let tokens = 0;
    for await (const chunk of await orchestra({ LLM_MAX_RETRIES: "0" }).model.stream(question)) {
      text += chunk.text;
      const usage = chunk.usage_metadata as UsageMetadata | undefined;
      tokens += usage?.output_tokens ?? 0;
    }
    expect(text).toContain("1871");
    expect(tokens).toBe(sandbox.books.entries.at(-1)?.completionTokens);
  });

  test("if it fails too, one error lists the attempts and the gateway's message", async () => {
    sandbox.order(primaryDown, { fault: "status", status: 402, model: "openai/gpt-4o-mini" });
    const error: unknown = await orchestra()
      .chat(question)
      .catch((thrown: unknown) => thrown);
    expect(CallFailedError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code: "insufficient_credits_error" });
    expect((error as CallFailedError).attempts).toHaveLength(5);
  });

  test("if no server listens at the gateway's address, the error says so", async () => {
    sandbox.order(primaryDown);
    const nowhere = orchestra({
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:9/v1",
      LLM_MAX_RETRIES: "0",
    });
    await expect(nowhere.chat(question)).rejects.toMatchObject({ code: "connection_error" });
  });

  test("override_params replace the fields of the call", async () => {
    sandbox.order(primaryDown);
    await orchestra({
      LLM_MAX_RETRIES: "0",
      PORTKEY_FALLBACKS: JSON.stringify([
        {
          provider: "openai",
          model: "openai/gpt-4o-mini",
          custom_host: sandbox.url,
          api_key: "sk-of-openai-0123",
          override_params: { temperature: 0.5, max_tokens: 99 },
        },
      ]),
    }).chat(question);
    expect(sandbox.books.entries.at(-1)?.body).toMatchObject({ temperature: 0.5, max_tokens: 99 });
  });
});

describe("PREFERRED_LLM_PROVIDER=portkey", () => {
  test("sends the first attempt through the gateway", async () => {
    const message = await orchestra({
      PREFERRED_LLM_PROVIDER: "portkey",
      PORTKEY_FALLBACKS: "",
    }).chat(question);
    expect(message.text).toContain("1871");
    expect(records[0]).toMatchObject({
      via: "portkey",
      fallbackUsed: false,
      model: "openai/gpt-4o",
    });
    expect(sandbox.books.entries[0]?.headers).toMatchObject({ "x-title": "Orchestra e2e" });
  });
});

describe("changes of the gateway to OpenRouter's answers are reversed", () => {
  /** Through the gateway's own adapter for OpenRouter, which rewrites what passes. */
  const adapted = () => {
    // The adapter adds "/v1" by itself.
    const custom_host = sandbox.url.replace(/\/v1$/, "");
    return orchestra({
      LLM_MAX_RETRIES: "0",
      PORTKEY_FALLBACKS: JSON.stringify([
        { provider: "openrouter", model: "openai/gpt-4o-mini", custom_host },
      ]),
    });
  };

  test("usage of a stream is counted once, not twice", async () => {
    sandbox.order(primaryDown);
    let input = 0;
    let output = 0;
    for await (const chunk of await adapted().model.stream(question)) {
      const usage = chunk.usage_metadata as UsageMetadata | undefined;
      input += usage?.input_tokens ?? 0;
      output += usage?.output_tokens ?? 0;
    }
    const served = sandbox.books.entries.at(-1);
    expect([input, output]).toEqual([served?.promptTokens, served?.completionTokens]);
    expect(records[0]?.costUsd).toBe(served?.costUsd);
  });

  test.each(["error-mid-stream", "truncated", "cut"] as const)(
    "a broken stream is not a success (%s)",
    async (fault) => {
      sandbox.order(primaryDown, { fault, model: "openai/gpt-4o-mini", afterChunks: 1 });
      const reading = (async () => {
        for await (const _ of await adapted().model.stream(question));
      })();
      await expect(reading).rejects.toMatchObject({ code: "stream_interrupted" });
    },
  );

  test.each(["error-choice", "error-200", "empty"] as const)(
    "an empty answer, or an error with status 200, is not a success (%s)",
    async (fault) => {
      sandbox.order(primaryDown, { fault, model: "openai/gpt-4o-mini" });
      await expect(adapted().chat(question)).rejects.toMatchObject({
        code: expect.stringMatching(/service_error|invalid_response_error|rate_limit_error/),
      });
    },
  );

  test("attribution headers are those of the user", async () => {
    sandbox.order(primaryDown);
    await adapted().chat(question);
    expect(sandbox.books.entries.at(-1)?.headers).toMatchObject({
      "http-referer": "https://example.com",
      "x-title": "Orchestra e2e",
    });
  });

  test.each([
    ["rate-limit-day", "quota_error"],
    ["in-flight", "rate_limit_error"],
    ["not-found-upstream", "service_error"],
    ["context-length", "invalid_request_error"],
  ] as const)("the reason inside a rewritten error is read: %s is a %s", async (fault, code) => {
    sandbox.order(primaryDown, { fault, model: "openai/gpt-4o-mini" });
    await expect(adapted().chat(question)).rejects.toMatchObject({ code });
  });
});

test("PORTKEY_MODE=gateway sends one config with all targets, and the gateway falls back", async () => {
  sandbox.order(primaryDown);
  const message = await orchestra({
    PREFERRED_LLM_PROVIDER: "portkey",
    PORTKEY_MODE: "gateway",
  }).chat(question);
  expect(message.text).toContain("1871");
  expect(sandbox.books.entries.map(({ modelAsked }) => modelAsked)).toEqual([
    "openai/gpt-4o",
    "openai/gpt-4o-mini",
  ]);
  expect(records[0]).toMatchObject({
    attempts: [{ via: "portkey" }],
    servedModel: "openai/gpt-4o-mini",
    fallbackUsed: true,
  });
});

describe("PORTKEY_MODE=gateway", () => {
  const gatewayMode = { PREFERRED_LLM_PROVIDER: "portkey", PORTKEY_MODE: "gateway" };
  const asked = () => sandbox.books.entries.map(({ modelAsked }) => modelAsked);

  test("keeps paid fallbacks from a free model, unless they are allowed", async () => {
    sandbox.order(
      { fault: "status", status: 503, model: "meta-llama/llama-3.3-70b-instruct:free" },
      { fault: "status", status: 503, model: "meta-llama/llama-3.3-70b-instruct:free" },
    );
    const free = {
      ...gatewayMode,
      OPENROUTER_DEFAULT_MODEL: "meta-llama/llama-3.3-70b-instruct:free",
      LLM_MAX_RETRIES: "0",
    };
    await expect(orchestra(free).chat(question)).rejects.toThrow(/LLM_ALLOW_PAID_FALLBACK/);
    expect(asked()).toEqual(["meta-llama/llama-3.3-70b-instruct:free"]);
    const message = await orchestra({ ...free, LLM_ALLOW_PAID_FALLBACK: "true" }).chat(question);
    expect(message.text).toContain("1871");
    expect(asked().at(-1)).toBe("openai/gpt-4o-mini");
  });

  test("does not advise to set fallbacks that are set", async () => {
    sandbox.order(primaryDown, { fault: "status", status: 503, model: "openai/gpt-4o-mini" });
    const failing = orchestra({ ...gatewayMode, LLM_MAX_RETRIES: "0" }).chat(question);
    await expect(failing).rejects.toThrow(/PORTKEY_MODE=client/);
    await expect(failing).rejects.not.toThrow(/PORTKEY_FALLBACKS/);
  });

  test("reserves the cost of the most expensive target in a budget", async () => {
    const fallbacks = [
      {
        provider: "openai",
        model: "gpt-4",
        api_key: "sk-of-openai-0123",
        custom_host: sandbox.url,
      },
    ];
    const limited = orchestra({
      ...gatewayMode,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o-mini",
      PORTKEY_FALLBACKS: JSON.stringify(fallbacks),
      LLM_BUDGET_USD_PER_CALL: "0.01",
    });
    await expect(limited.chat(question)).rejects.toMatchObject({ code: "budget_error" });
    expect(asked()).toEqual([]);
  });
});
