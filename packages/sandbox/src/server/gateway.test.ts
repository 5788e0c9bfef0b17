import { describe, expect, it } from "vitest";
import { startSandbox } from "../index.ts";
import { events, HELLO, json, post } from "../test-client.ts";

const ask = (model: string) => ({ ...HELLO, model });

describe("the gateway", () => {
  it("serves a provider's model without OpenRouter's limits, in OpenAI's form", async () => {
    await using sandbox = await startSandbox({ limits: { tier: "free", requestsPerMinute: 0 } });
    const base = sandbox.gatewayUrl;
    const headers = { "x-portkey-provider": "openai", "x-portkey-api-key": "pk-secret" };
    const response = await post(sandbox, ask("gpt-4o"), { base, headers });
    const body = await json(response);
    expect(response.headers.get("x-portkey-provider")).toBe("openai");
    expect(body).toMatchObject({ model: "gpt-4o", usage: { prompt_tokens: expect.any(Number) } });
    expect(body).not.toHaveProperty("provider");
    expect(body.usage).not.toHaveProperty("cost");
    expect(sandbox.books.entries[0]).toMatchObject({
      route: "gateway",
      modelServed: "openai/gpt-4o",
      provider: "openai",
    });
    expect(JSON.stringify(sandbox.books.entries)).not.toContain("pk-secret");
  });

  it("counts calls through it to OpenRouter", async () => {
    await using sandbox = await startSandbox({ limits: { tier: "free", requestsPerMinute: 0 } });
    const headers = { "x-portkey-provider": "openrouter" };
    const response = await post(sandbox, ask("openai/gpt-4o"), {
      base: sandbox.gatewayUrl,
      headers,
    });
    expect(response.status).toBe(429);
    expect(await json(response)).toMatchObject({
      provider: "openrouter",
      error: { message: expect.stringContaining("Invalid response received from openrouter") },
    });
  });

  it("knows @slug/model, virtual keys and names that no catalogue has", async () => {
    await using sandbox = await startSandbox();
    const base = sandbox.gatewayUrl;
    await post(sandbox, ask("@openai-prod/gpt-4o"), { base });
    await post(sandbox, ask("claude-x"), { base, headers: { "x-portkey-virtual-key": "my-key" } });
    expect(sandbox.books.entries).toMatchObject([
      { modelServed: "openai/gpt-4o", provider: "openai-prod", status: 200 },
      { modelServed: "claude-x", provider: "my-key", status: 200 },
    ]);
  });

  it("falls back along the targets of its configuration", async () => {
    await using sandbox = await startSandbox();
    sandbox.order({ fault: "status", status: 503, model: "gpt-4o" });
    const config = {
      strategy: { mode: "fallback" },
      targets: [
        { provider: "openai", override_params: { model: "gpt-4o" } },
        { provider: "google", override_params: { model: "gemini-1.5-pro" } },
      ],
    };
    const headers = { "x-portkey-config": JSON.stringify(config) };
    const response = await post(sandbox, ask("any"), { base: sandbox.gatewayUrl, headers });
    expect(response.headers.get("x-portkey-last-used-option-index")).toBe("config.targets[1]");
    expect(await json(response)).toMatchObject({ model: "gemini-1.5-pro" });
  });

  it("streams usage only when asked, without comments", async () => {
    await using sandbox = await startSandbox();
    const init = { base: sandbox.gatewayUrl, headers: { "x-portkey-provider": "openai" } };
    const quiet = await (await post(sandbox, { ...ask("gpt-4o"), stream: true }, init)).text();
    expect(quiet).not.toMatch(/usage|PROCESSING/);
    const stream_options = { include_usage: true };
    const told = await post(sandbox, { ...ask("gpt-4o"), stream: true, stream_options }, init);
    expect(events(await told.text()).at(-2)).toContain('"usage"');
  });

  it.each([
    ["neither provider nor configuration", {}, "Either x-portkey-config or x-portkey-provider"],
    ["a configuration that is none", { "x-portkey-config": "{" }, "Invalid config passed"],
  ])("refuses %s", async (_, headers, message) => {
    await using sandbox = await startSandbox();
    const response = await post(sandbox, ask("gpt-4o"), { base: sandbox.gatewayUrl, headers });
    expect(response.status).toBe(400);
    expect(await json(response)).toMatchObject({
      status: "failure",
      message: expect.stringContaining(message),
    });
  });
});
