import { describe, expect, it } from "vitest";
import { FAULT_MODELS, startSandbox } from "../index.ts";
import { events, HELLO, json, post, readAll, readUntil } from "../test-client.ts";

const ask = (fault: string, stream = false) => ({ ...HELLO, model: `sandbox/${fault}`, stream });
const parse = (text: string) =>
  events(text).map((data) => (data === "[DONE]" ? data : JSON.parse(data)));

describe("refusals", () => {
  it.each([
    ["status-400", 400, { metadata: { error_type: "invalid_request" } }],
    ["status-401", 401, { message: "User not found." }],
    ["status-408", 408, {}],
    ["status-418", 418, {}],
    ["status-500", 500, { metadata: { error_type: "server" } }],
    ["status-503", 503, { metadata: { error_type: "provider_overloaded" } }],
    ["status-524", 524, { message: "Provider returned error" }],
    ["status-529", 529, { metadata: { error_type: "provider_overloaded" } }],
    ["rate-limit-minute", 429, { metadata: { headers: { "X-RateLimit-Limit": "60" } } }],
    ["rate-limit-day", 429, { metadata: { limit_source: "openrouter_free_tier_daily" } }],
    ["shared-pool", 429, { metadata: { limit_source: "upstream_provider_shared_pool" } }],
    ["admission-control", 429, { metadata: { headers: { "Retry-After": "10" } } }],
    ["capacity-exhausted", 429, { availability: { code: "capacity_exhausted", retryable: true } }],
    ["no-credits", 402, { message: expect.stringContaining("Insufficient credits") }],
    ["can-only-afford", 402, { message: expect.stringContaining("can only afford 10114") }],
    ["over-budget", 402, { metadata: { reason: "weight_exceeds_budget" } }],
    ["in-flight", 402, { metadata: { limit_source: "openrouter_in_flight_budget" } }],
    ["key-limit", 402, { metadata: { limit_source: "openrouter_key_limit" } }],
    ["guardrail-budget", 403, { metadata: { limit_source: "openrouter_guardrail_budget" } }],
    ["moderation", 403, { metadata: { reasons: [expect.any(String)] } }],
    ["not-found-upstream", 404, { metadata: { raw: "", is_byok: false } }],
    ["no-endpoints", 404, { message: expect.stringContaining("No endpoints found") }],
    ["unknown-model", 400, { message: expect.stringContaining("is not a valid model ID") }],
    ["context-length", 400, { metadata: { error_type: "context_length_exceeded" } }],
  ])("%s is %i", async (fault, status, error) => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, ask(fault));
    expect(response.status).toBe(status);
    expect(await json(response)).toMatchObject({ error: { code: status, ...error } });
    expect(sandbox.books.entries[0]).toMatchObject({ status, costUsd: 0 });
  });

  it("carry Retry-After only where OpenRouter sends it", async () => {
    await using sandbox = await startSandbox();
    const after = async (fault: string) =>
      (await post(sandbox, ask(fault))).headers.get("retry-after");
    expect(await after("shared-pool")).toBeNull();
    expect(await after("status-503")).toBeNull();
    expect(await after("in-flight")).toBe("120");
    expect(await after("admission-control")).toBe("10");
  });
});

describe("answers that are none", () => {
  it("error-200 is HTTP 200 with an error and no choices", async () => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, ask("error-200"));
    expect(response.status).toBe(200);
    expect(await json(response)).toMatchObject({
      error: { code: 429, metadata: { provider_name: "Sandbox" } },
    });
    const streamed = parse(await (await post(sandbox, ask("error-200", true))).text());
    expect(streamed[0]).not.toHaveProperty("choices");
  });

  it("error-choice has the error inside its choice, and costs nothing", async () => {
    await using sandbox = await startSandbox();
    expect(await json(await post(sandbox, ask("error-choice")))).toMatchObject({
      choices: [{ finish_reason: "error", error: { code: 502 } }],
    });
  });

  it("empty has neither content nor usage", async () => {
    await using sandbox = await startSandbox();
    const body = await json(await post(sandbox, ask("empty")));
    expect(body).toMatchObject({
      choices: [{ finish_reason: "stop", message: { content: null } }],
    });
    expect(body).not.toHaveProperty("usage");
    const text = await (await post(sandbox, ask("empty", true))).text();
    expect(text).not.toContain('"usage"');
  });

  it("broken-json does not parse", async () => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, ask("broken-json"));
    await expect(response.json()).rejects.toThrow(SyntaxError);
    const streamed = await (await post(sandbox, ask("broken-json", true))).text();
    expect(() => parse(streamed)).toThrow(SyntaxError);
  });

  it("length and content-filter stop at half the answer", async () => {
    await using sandbox = await startSandbox();
    expect(await json(await post(sandbox, ask("length")))).toMatchObject({
      choices: [{ finish_reason: "length" }],
    });
    expect(await json(await post(sandbox, ask("content-filter")))).toMatchObject({
      choices: [{ finish_reason: "content_filter" }],
    });
  });

  it("not-json answers in prose where a schema was given", async () => {
    await using sandbox = await startSandbox();
    const response_format = {
      type: "json_schema",
      json_schema: { name: "answer", schema: { type: "object", properties: {} } },
    };
    const body = await json(await post(sandbox, { ...ask("not-json"), response_format }));
    expect(JSON.stringify(body)).toContain("Certainly!");
  });
});

describe("streams that break", () => {
  it("cut breaks the connection after some content", async () => {
    await using sandbox = await startSandbox();
    const { text, isBroken } = await readAll(await post(sandbox, ask("cut", true)));
    expect(isBroken).toBe(true);
    expect(text).toContain("I am the sandbox");
    expect(text).not.toContain('"finish_reason":"stop"');
    const plain = await readAll(await post(sandbox, ask("cut")));
    expect(plain.isBroken).toBe(true);
    expect(sandbox.books.entries.every(({ aborted }) => !aborted)).toBe(true);
  });

  it("truncated ends cleanly without finish, usage and [DONE]", async () => {
    await using sandbox = await startSandbox();
    const { text, isBroken } = await readAll(await post(sandbox, ask("truncated", true)));
    expect(isBroken).toBe(false);
    expect(text).toContain("I am the sandbox");
    expect(text).not.toMatch(/usage|DONE|"stop"/);
  });

  it.each([
    ["error-mid-stream", { error: { code: 502 }, choices: [{ finish_reason: "error" }] }],
    ["error-mid-stream-string-code", { error: { code: "server_error" } }],
    ["error-mid-stream-no-choices", { error: { code: 502 }, choices: [] }],
  ])("%s sends content, then the error, then nothing", async (fault, shape) => {
    await using sandbox = await startSandbox();
    const chunks = parse(await (await post(sandbox, ask(fault, true))).text());
    expect(chunks.at(-1)).toMatchObject(shape);
    expect(chunks.at(-2).choices[0].delta.content).not.toBe("");
  });

  it("no-done ends without [DONE], no-done-open does not even end", async () => {
    await using sandbox = await startSandbox();
    const { text } = await readAll(await post(sandbox, ask("no-done", true)));
    expect(text).toContain('"usage"');
    expect(text).not.toContain("[DONE]");
    const open = await post(sandbox, ask("no-done-open", true));
    expect(await readUntil(open, '"usage"')).not.toContain("[DONE]");
  });

  it("stall begins, then sends comments only", async () => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, ask("stall", true));
    const text = await readUntil(response, "}\n\n: OPENROUTER PROCESSING");
    expect(text).toContain("I am the sandbox");
    expect(text).not.toContain('"stop"');
  });
});

describe("connections that fail", () => {
  it("reset gives no answer", async () => {
    await using sandbox = await startSandbox();
    await expect(post(sandbox, ask("reset"))).rejects.toThrow("fetch failed");
    expect(sandbox.books.entries[0]).toMatchObject({ status: 0, fault: "reset", aborted: false });
  });

  it("hang answers nothing until the client gives up", async () => {
    await using sandbox = await startSandbox();
    const giveUp = new AbortController();
    const answer = post(sandbox, ask("hang"), { signal: giveUp.signal });
    await expect.poll(() => sandbox.books.entries[0]?.fault).toBe("hang");
    giveUp.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
    await expect.poll(() => sandbox.books.entries[0]?.aborted).toBe(true);
  });

  it("slow answers in the end", async () => {
    await using sandbox = await startSandbox();
    expect((await post(sandbox, ask("slow-5"))).status).toBe(200);
  });

  it.each(["resolve", "reject"] as const)("slow until a promise settles: %s", async (settle) => {
    await using sandbox = await startSandbox();
    const gate = Promise.withResolvers<void>();
    sandbox.order({ fault: "slow", until: gate.promise, times: 1 });
    const held = post(sandbox, HELLO);
    await expect.poll(() => sandbox.books.entries.length).toBe(1);
    expect((await post(sandbox, HELLO)).status).toBe(200);
    expect(sandbox.books.entries[0]?.endedAt).toBeUndefined();
    gate[settle]();
    expect((await held).status).toBe(200);
  });

  it("slow until a promise settles: ignores a caller that has disconnected", async () => {
    await using sandbox = await startSandbox();
    sandbox.order({ fault: "slow", until: new Promise(() => undefined) });
    const giveUp = new AbortController();
    const answer = post(sandbox, HELLO, { signal: giveUp.signal });
    await expect.poll(() => sandbox.books.entries[0]?.fault).toBe("slow");
    giveUp.abort(new Error("enough"));
    await expect(answer).rejects.toThrow("enough");
    await expect.poll(() => sandbox.books.entries[0]?.aborted).toBe(true);
  });
});

it("every fault model is listed, known and described", async () => {
  await using sandbox = await startSandbox();
  const { data } = await json(await fetch(`${sandbox.url}/models`));
  const ids = new Set(Array.isArray(data) ? data.map((model: { id: string }) => model.id) : []);
  expect(FAULT_MODELS.filter(({ id }) => !ids.has(id))).toEqual([]);
  expect(FAULT_MODELS.filter(({ description }) => description === "")).toEqual([]);
});

describe("orders", () => {
  it("affect the next request only, and send when to retry", async () => {
    await using sandbox = await startSandbox();
    sandbox.order({
      model: "openai/gpt-4o",
      fault: "status",
      status: 429,
      retryAfterSeconds: 1,
      times: 1,
    });
    const struck = await post(sandbox, HELLO);
    expect(struck.status).toBe(429);
    expect(struck.headers.get("retry-after")).toBe("1");
    expect(await json(struck)).toMatchObject({ error: { metadata: { retry_after_seconds: 1 } } });
    expect((await post(sandbox, HELLO)).status).toBe(200);
  });

  it("may replace body and headers, and be cleared", async () => {
    await using sandbox = await startSandbox({
      faults: [
        { fault: "status", status: 502, body: "<html>", headers: { "Content-Type": "text/html" } },
      ],
    });
    const response = await post(sandbox, HELLO);
    expect(response.headers.get("content-type")).toBe("text/html");
    expect(await response.text()).toBe("<html>");
    sandbox.clear();
    expect((await post(sandbox, HELLO)).status).toBe(200);
    sandbox.reset();
    expect((await post(sandbox, HELLO)).status).toBe(502);
  });
});
