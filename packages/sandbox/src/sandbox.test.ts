import { describe, expect, it } from "vitest";
import { EXTRACTIVE_MODEL, startSandbox, type BookEntry } from "./index.ts";
import { events, HELLO, json, post, readUntil } from "./test-client.ts";

const run = async (seed: number) => {
  await using sandbox = await startSandbox({ seed, now: () => 1_800_000_000_000 });
  sandbox.order({ fault: "status", status: 503, probability: 0.5 });
  const answers: string[] = [];
  for (let call = 0; call < 12; call += 1) {
    const response = await post(sandbox, HELLO);
    answers.push(`${response.status} ${await response.text()}`);
  }
  return answers;
};

describe("chat completions", () => {
  it("answer with OpenRouter's fields, usage and cost", async () => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, HELLO);
    const body = await json(response);

    expect(response.status).toBe(200);
    expect(response.headers.get("x-generation-id")).toBe(body.id);
    expect([...response.headers.keys()].filter((name) => name.startsWith("x-ratelimit"))).toEqual(
      [],
    );
    expect(body).toMatchObject({
      object: "chat.completion",
      model: "openai/gpt-4o",
      provider: "OpenAI",
      choices: [
        { finish_reason: "stop", native_finish_reason: "stop", message: { role: "assistant" } },
      ],
      usage: {
        is_byok: false,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
        cost_details: { upstream_inference_cost: null },
      },
    });
    const [entry] = sandbox.books.entries;
    const expected = entry!.promptTokens * 2.5e-6 + entry!.completionTokens * 10e-6;
    expect(entry?.costUsd).toBeCloseTo(expected, 12);
    expect(body.usage).toMatchObject({ cost: entry?.costUsd });
  });

  it("stream a comment, chunks, usage once with empty choices, and [DONE]", async () => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, { ...HELLO, stream: true });
    const text = await response.text();

    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(text.startsWith(": OPENROUTER PROCESSING\n\n")).toBe(true);
    const sent = events(text);
    expect(sent.at(-1)).toBe("[DONE]");
    const chunks = sent.slice(0, -1).map((data) => JSON.parse(data));
    expect(chunks.filter((chunk) => "usage" in chunk)).toEqual([chunks.at(-1)]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { cost: expect.any(Number) } });
    expect(chunks.at(-2).choices[0].finish_reason).toBe("stop");
    expect(chunks.every((chunk) => chunk.provider === "OpenAI")).toBe(true);
    const streamed = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("");
    const plain = await json(await post(sandbox, HELLO));
    expect(plain).toMatchObject({ choices: [{ message: { content: streamed } }] });
  });

  it("say that they are not from a language model", async () => {
    await using sandbox = await startSandbox();
    const body = await json(await post(sandbox, { ...HELLO, model: "sandbox/extractive" }));
    expect(JSON.stringify(body)).toContain("not a language model");
    expect(EXTRACTIVE_MODEL.description).toContain("No language model");
  });

  it("repeat themselves for the same seed, and differ in their ids for another", async () => {
    const first = await run(7);
    expect(await run(7)).toEqual(first);
    expect(await run(8)).not.toEqual(first);
    expect(new Set(first.map((answer) => answer.slice(0, 3)))).toEqual(new Set(["200", "503"]));
  });

  it("stop at max_tokens with finish_reason length", async () => {
    await using sandbox = await startSandbox();
    const body = await json(await post(sandbox, { ...HELLO, max_tokens: 3 }));
    expect(body).toMatchObject({
      choices: [{ finish_reason: "length", message: { content: "I am the san" } }],
      usage: { completion_tokens: 3 },
    });
  });

  it.each([
    ["an unknown model", { ...HELLO, model: "no/such-model" }, 400, "is not a valid model ID"],
    ["no messages", { model: "openai/gpt-4o" }, 400, "Input required"],
    [
      "too long a prompt",
      {
        model: "gryphe/mythomax-l2-13b",
        messages: [{ role: "user", content: "x ".repeat(20_000) }],
      },
      400,
      "maximum context length is 4096",
    ],
    [
      "tools without support",
      {
        ...HELLO,
        model: "mistralai/mistral-7b-instruct:free",
        tools: [{ type: "function", function: { name: "search" } }],
      },
      404,
      "support tool use",
    ],
    [
      "parameters that are required",
      {
        ...HELLO,
        model: "anthropic/claude-3-opus-20k",
        provider: { require_parameters: true },
        response_format: { type: "json_object" },
      },
      404,
      "requested parameters",
    ],
  ])("refuse %s", async (_, body, status, message) => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, body);
    expect(response.status).toBe(status);
    expect(await json(response)).toMatchObject({
      error: { code: status, message: expect.stringContaining(message) },
    });
    expect(response.headers.get("x-generation-id")).toMatch(/^gen-/);
  });

  it("refuse a missing key, and one that the account has not", async () => {
    await using sandbox = await startSandbox({ keys: ["sk-or-v1-mine"] });
    const missing = await post(sandbox, HELLO, { headers: { authorization: "" } });
    expect(await json(missing)).toMatchObject({
      error: { code: 401, message: "Missing Authentication header" },
    });
    const wrong = await post(sandbox, HELLO);
    expect(await json(wrong)).toMatchObject({ error: { code: 401, message: "User not found." } });
    const right = await post(sandbox, HELLO, {
      headers: { authorization: "Bearer sk-or-v1-mine" },
    });
    expect(right.status).toBe(200);
  });

  it("fail over to the next of models", async () => {
    await using sandbox = await startSandbox();
    const models = ["sandbox/status-503", "openai/gpt-4o-mini"];
    const body = await json(await post(sandbox, { messages: HELLO.messages, models }));
    expect(body).toMatchObject({ model: "openai/gpt-4o-mini" });
    expect(sandbox.books.entries).toHaveLength(1);
  });

  it("check what the credits pay for", async () => {
    await using sandbox = await startSandbox({ creditsUsd: 0.01 });
    const response = await post(sandbox, HELLO);
    expect(response.status).toBe(402);
    expect(await response.text()).toMatch(/requested up to 16384 tokens, but can only afford 99\d/);
    expect((await post(sandbox, { ...HELLO, max_tokens: 500 })).status).toBe(200);
  });
});

describe("the books", () => {
  it("know each request, its headers and who hung up, but not the key", async () => {
    const ended = Promise.withResolvers<BookEntry>();
    await using sandbox = await startSandbox({
      latency: { firstTokenMs: 1, betweenTokensMs: 30_000 },
      onRequest: ended.resolve,
    });
    const headers = { "http-referer": "https://example.com", "x-title": "Example" };
    const response = await post(sandbox, { ...HELLO, stream: true }, { headers });
    await readUntil(response, "I am the sandbox");

    const entry = await ended.promise;
    expect(entry).toMatchObject({ aborted: true, stream: true, status: 200, headers });
    expect(entry.apiKey).toMatch(/^[0-9a-f]{12}$/);
    expect(JSON.stringify(sandbox.books)).not.toContain("sk-or-v1-test");
    expect(sandbox.books.totals()).toMatchObject({ requests: 1, succeeded: 0, aborted: 1 });
  });

  it("hold no body that is longer than the limit, which gets a 413", async () => {
    await using sandbox = await startSandbox({ maxBodyBytes: 1000 });
    const long = { ...HELLO, user: "x".repeat(5_000_000) };
    const paths = ["/api/v1/chat/completions", "/v1/chat/completions", "/api/v1/responses"];
    for (const path of paths) {
      const response = await fetch(`http://127.0.0.1:${sandbox.port}${path}`, {
        method: "POST",
        headers: { authorization: "Bearer k" },
        body: JSON.stringify(long),
      });
      expect(response.status).toBe(413);
      expect(await json(response)).toMatchObject({
        error: { code: 413, message: "Request payload too large" },
      });
    }
    expect((await post(sandbox, HELLO)).status).toBe(200);
    expect(sandbox.books.entries.map(({ status }) => status)).toEqual([413, 413, 200]);
    expect(JSON.stringify(sandbox.books)).not.toContain("xxx");
  });

  it("do not keep bodies when configured so", async () => {
    await using sandbox = await startSandbox({ keepBodies: false });
    await post(sandbox, HELLO);
    await expect.poll(() => sandbox.books.entries[0]?.body).toEqual({});
  });

  it("add up, answer for generations, and can be reset", async () => {
    await using sandbox = await startSandbox();
    const first = await json(await post(sandbox, HELLO));
    await post(sandbox, { ...HELLO, model: "sandbox/status-500" });
    const { costUsd } = sandbox.books.entries[0]!;
    expect(sandbox.books.totals()).toMatchObject({ requests: 2, refused: 1, costUsd });

    const headers = { authorization: "Bearer k" };
    const found = await fetch(`${sandbox.url}/generation?id=${String(first.id)}`, { headers });
    expect(await json(found)).toMatchObject({
      data: { id: first.id, model: "openai/gpt-4o", total_cost: costUsd },
    });
    expect((await fetch(`${sandbox.url}/generation?id=gen-none`, { headers })).status).toBe(404);

    sandbox.reset();
    expect(sandbox.books.entries).toEqual([]);
    expect(await json(await post(sandbox, HELLO))).toMatchObject({ id: first.id });
  });
});

describe("the account's endpoints", () => {
  it("list models with string prices and what they support", async () => {
    await using sandbox = await startSandbox();
    const { data } = await json(await fetch(`${sandbox.url}/models`));
    expect(data).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: "openai/gpt-4o",
          pricing: expect.objectContaining({ prompt: "0.0000025", completion: "0.00001" }),
          supported_parameters: expect.arrayContaining(["tools", "structured_outputs"]),
        }),
        expect.objectContaining({ id: "sandbox/extractive" }),
        expect.objectContaining({ id: "sandbox/hang" }),
        expect.objectContaining({ id: "meta-llama/llama-3-70b-instruct", context_length: 8_192 }),
      ]),
    );
    const endpoints = await fetch(`${sandbox.url}/models/openai/gpt-4o/endpoints`);
    expect(await json(endpoints)).toMatchObject({
      data: { id: "openai/gpt-4o", endpoints: [{ provider_name: "OpenAI" }] },
    });
    const unknown = await fetch(`${sandbox.url}/models/openai/100%/endpoints`);
    expect(unknown.status).toBe(404);
  });

  it("report what is left of the day", async () => {
    await using sandbox = await startSandbox({ limits: { tier: "free" } });
    await post(sandbox, HELLO);
    const headers = { authorization: "Bearer k" };
    for (const path of ["key", "auth/key"]) {
      expect(await json(await fetch(`${sandbox.url}/${path}`, { headers }))).toMatchObject({
        data: {
          is_free_tier: true,
          free_model_daily_requests: { used: 1, limit: 50, remaining: 49 },
        },
      });
    }
    expect((await fetch(`${sandbox.url}/key`)).status).toBe(401);
  });

  it("show credits to management keys only", async () => {
    await using sandbox = await startSandbox();
    const ask = (key: string) =>
      fetch(`${sandbox.url}/credits`, { headers: { authorization: `Bearer ${key}` } });
    expect(await json(await ask("sk-or-v1-k"))).toMatchObject({
      error: { code: 403, message: "Only management keys can perform this operation" },
    });
    expect(await json(await ask("sk-or-mgmt-k"))).toMatchObject({
      data: { total_credits: 100, total_usage: 0 },
    });
  });
});

describe("limits", () => {
  it("refuse as OpenRouter does once the minute is full, and let go when it turns", async () => {
    let now = 1_800_000_000_000;
    const limits = { tier: "pro", requestsPerMinute: 2 } as const;
    await using sandbox = await startSandbox({ limits, now: () => now });
    expect((await post(sandbox, HELLO)).status).toBe(200);
    expect((await post(sandbox, HELLO)).status).toBe(200);

    now += 30_000;
    const refused = await post(sandbox, HELLO);
    const resetAt = String(1_800_000_060_000);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("30");
    expect(refused.headers.get("x-ratelimit-limit")).toBe("2");
    expect(refused.headers.get("x-ratelimit-remaining")).toBe("0");
    expect(refused.headers.get("x-ratelimit-reset")).toBe(resetAt);
    expect(await json(refused)).toMatchObject({
      error: {
        code: 429,
        message: expect.stringContaining("free-models-per-min"),
        metadata: { headers: { "X-RateLimit-Reset": resetAt } },
      },
    });
    now += 30_000;
    expect((await post(sandbox, HELLO)).status).toBe(200);
  });

  it("refuse for the rest of the day, in UTC", async () => {
    let now = Date.UTC(2026, 10, 22, 23, 59, 0);
    const limits = { tier: "free", requestsPerDay: 1 } as const;
    await using sandbox = await startSandbox({ limits, now: () => now });
    await post(sandbox, HELLO);
    const refused = await post(sandbox, HELLO);
    expect(refused.headers.get("x-ratelimit-reset")).toBe(String(Date.UTC(2026, 10, 23)));
    expect(await json(refused)).toMatchObject({
      error: {
        message: expect.stringContaining("free-models-per-day. Add 10 credits"),
        metadata: { limit_source: "openrouter_free_tier_daily" },
      },
    });
    now += 60_000;
    expect((await post(sandbox, HELLO)).status).toBe(200);
  });
});

it("says that a port is taken", async () => {
  await using sandbox = await startSandbox();
  await expect(startSandbox({ port: sandbox.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

describe("an address that cannot be used", () => {
  it("is named, with what to do", async () => {
    await using other = await startSandbox();
    const { port } = other;
    await expect(startSandbox({ port })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: `The sandbox cannot listen on 127.0.0.1:${port}: another program uses the port. Choose another port, or 0 for any that is free (option port).`,
    });
  });

  it.each([
    [{ port: 70_000 }, "ERR_SOCKET_BAD_PORT", "127.0.0.1:70000: expected a port from 0 to 65535"],
    [{ port: Number.NaN }, "ERR_SOCKET_BAD_PORT", "expected a port from 0 to 65535"],
    [{ host: "192.0.2.1" }, "EADDRNOTAVAIL", "192.0.2.1:0: this machine has no such address"],
  ])("also for %j", async (options, code, words) => {
    const error: unknown = await startSandbox(options).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
  });
});
