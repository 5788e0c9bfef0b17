import { describe, expect, it } from "vitest";
import { startSandbox } from "@orchestra/sandbox";
import { openBackend } from "./backend.ts";
import { folderOfOnePage } from "./test-support/folder-of-one-page.ts";
import { runHere } from "./test-support/run-here.ts";
import { parseResult } from "./test-support/result.ts";

const key = "sk-or-v1-0123456789abcdef";

describe("the backend", () => {
  it("is the sandbox without a key, with a notice", async () => {
    await using backend = await openBackend({ OPENROUTER_API_KEY: " " });
    expect(backend.name).toBe("sandbox");
    expect(backend.notice).toContain("Set OPENROUTER_API_KEY");
    expect(backend.environment["OPENROUTER_BASE_URL"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/api/);
    expect(backend.environment["PORTKEY_GATEWAY_URL"]).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1/);
    expect(backend.environment["OPENROUTER_DEFAULT_MODEL"]).toBe("sandbox/extractive");
  });

  it("is the sandbox if it is preferred, and the sandbox does not get the key", async () => {
    const environment = { PREFERRED_LLM_PROVIDER: "sandbox", OPENROUTER_API_KEY: key };
    await using backend = await openBackend(environment);
    expect(backend.name).toBe("sandbox");
    expect(Object.values(backend.environment)).not.toContain(key);
  });

  it("is OpenRouter with a key, and does not change the environment", async () => {
    const environment = { OPENROUTER_API_KEY: key };
    await using backend = await openBackend(environment);
    expect(backend).toMatchObject({ name: "openrouter", environment });
    expect(backend.notice).toBe("Running on OpenRouter (openrouter.ai).");
  });

  it("is the server at a configured address, with or without a key", async () => {
    await using backend = await openBackend({
      OPENROUTER_BASE_URL: "http://127.0.0.1:4010/api/v1",
    });
    expect(backend.notice).toBe("Running on OpenRouter (127.0.0.1:4010).");
  });

  it("answers with the same code on OpenRouter", async () => {
    await using openRouter = await startSandbox({ keys: [key] });
    const environment = {
      OPENROUTER_API_KEY: key,
      OPENROUTER_BASE_URL: openRouter.url,
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o",
    };
    await using folder = await folderOfOnePage();
    const { code, stdout, stderr } = await runHere(["--docs", folder.path], { environment });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Running on OpenRouter \(127\.0\.0\.1:\d+\)\.\n/);
    expect(stdout).toContain("\n[1] ");
    expect(openRouter.books.entries.length).toBeGreaterThan(0);
  });

  it("is Portkey if it is preferred", async () => {
    await using backend = await openBackend({
      PREFERRED_LLM_PROVIDER: "portkey",
      PORTKEY_API_KEY: "pk-0123456789",
    });
    expect(backend).toMatchObject({
      name: "portkey",
      notice: "Running on Portkey (api.portkey.ai).",
    });
  });

  it("uses the models of AGENT_MODEL_MAP on the sandbox too", async () => {
    const map = { researcher: "anthropic/claude-3-opus-20k", executor: "openai/gpt-4o" };
    const environment = { AGENT_MODEL_MAP: JSON.stringify(map) };
    await using folder = await folderOfOnePage();
    const args = ["--json", "--docs", folder.path];
    const { code, stdout } = await runHere(args, { environment });
    expect(code).toBe(0);
    const models = parseResult(stdout).calls.map(({ role, model }) => `${role} ${model}`);
    expect(new Set(models)).toEqual(
      new Set([
        "researcher anthropic/claude-3-opus-20k",
        "validator sandbox/extractive",
        "executor openai/gpt-4o",
      ]),
    );
  });

  it("uses --model instead of AGENT_MODEL_MAP", async () => {
    const environment = { AGENT_MODEL_MAP: '{"researcher":"anthropic/claude-3-opus-20k"}' };
    await using folder = await folderOfOnePage();
    const args = ["--json", "--docs", folder.path, "--model", "openai/gpt-4o"];
    const { stdout } = await runHere(args, { environment });
    const models = parseResult(stdout).calls.map(({ model }) => model);
    expect(new Set(models)).toEqual(new Set(["openai/gpt-4o"]));
  });
});
