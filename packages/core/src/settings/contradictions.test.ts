import { describe, expect, test } from "vitest";
import { resolveSettings } from "./index.ts";
import { refusal, refused, resolved } from "./__fixtures__/refused.ts";

describe("settings that contradict each other", () => {
  test.each([
    [
      "no key for OpenRouter",
      { OPENROUTER_API_KEY: "" },
      "OPENROUTER_API_KEY",
      "is required for openrouter.ai",
    ],
    [
      "a maximum wait below the first",
      { LLM_RETRY_DELAY: "5", LLM_RETRY_MAX_DELAY: "4.999" },
      "LLM_RETRY_MAX_DELAY",
      "is 4.999, less than LLM_RETRY_DELAY (5)",
    ],
    [
      "a first wait above the default maximum",
      { LLM_RETRY_DELAY: "61" },
      "LLM_RETRY_MAX_DELAY",
      "is 60, less than LLM_RETRY_DELAY (61)",
    ],
    [
      "fallbacks without a key of Portkey",
      { PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]' },
      "PORTKEY_API_KEY",
      "PORTKEY_FALLBACKS is set",
    ],
    [
      "Portkey preferred without its key",
      { PREFERRED_LLM_PROVIDER: "portkey" },
      "PORTKEY_API_KEY",
      "PREFERRED_LLM_PROVIDER is portkey",
    ],
  ])("%s: one problem", (_, environment, variable, problem) => {
    const { problems } = refused(environment);
    expect(problems).toMatchObject([{ variable, problem: expect.stringContaining(problem) }]);
  });

  test("a missing key names the command that needs none", () => {
    expect(refusal({}, {}).message).toMatch(
      /^OPENROUTER_API_KEY is required [^\n]*Example: OPENROUTER_API_KEY=[^\n]*\. To try it without a key, start the sandbox with npx @orchestra\/sandbox [^\n]*\.$/,
    );
  });

  test("a maximum wait equal to the first is valid", () => {
    expect(resolved({ LLM_RETRY_DELAY: "4", LLM_RETRY_MAX_DELAY: "4" }).retryMaxDelayMs).toBe(4000);
  });

  test("a server other than OpenRouter needs no key", () => {
    const local = { OPENROUTER_BASE_URL: "http://127.0.0.1:4010/v1" };
    expect(resolveSettings({}, local).openRouterApiKey).toBeUndefined();
    const alike = { OPENROUTER_BASE_URL: "https://notopenrouter.ai/v1" };
    expect(resolveSettings({}, alike).openRouterApiKey).toBeUndefined();
    const eu = { OPENROUTER_BASE_URL: "https://eu.openrouter.ai/api/v1" };
    expect(refusal({}, eu).problems).toMatchObject([{ variable: "OPENROUTER_API_KEY" }]);
  });

  test("fallbacks through a self-hosted gateway need no key of Portkey", () => {
    const { fallbacks } = resolved({
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]',
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:8787/v1",
    });
    expect(fallbacks).toHaveLength(1);
  });
});
