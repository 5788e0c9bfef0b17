import { describe, expect, it } from "vitest";
import { parseResult } from "./test-support/result.ts";
import { runHere } from "./test-support/run-here.ts";

const secret = "pk-s3cr3t-value-1234567890";

const malformed: readonly (readonly [what: string, variable: string, value: string])[] = [
  ["broken JSON", "PORTKEY_FALLBACKS", `[{"provider":"openai","api_key":"${secret}"`],
  ["an unknown provider", "PORTKEY_FALLBACKS", '[{"provider":"nowhere","model":"gpt-4o"}]'],
  [
    "a fallback without a model",
    "PORTKEY_FALLBACKS",
    `[{"provider":"openai","api_key":"${secret}"}]`,
  ],
  [
    "a fallback with an unknown field",
    "PORTKEY_FALLBACKS",
    `[{"provider":"openai","model":"gpt-4o","apiKey":"${secret}"}]`,
  ],
  ["fallbacks that are no list", "PORTKEY_FALLBACKS", `{"api_key":"${secret}"}`],
  ["a negative delay", "LLM_RETRY_DELAY", "-1"],
  ["a delay in words", "LLM_RETRY_MAX_DELAY", "a minute"],
  ["a timeout of nothing", "LLM_REQUEST_TIMEOUT", "0"],
  ["retries by halves", "LLM_MAX_RETRIES", "2.5"],
  ["an unknown error's name", "LLM_RETRYABLE_ERRORS", "timeout_error,bad_luck"],
  ["a header outside ASCII", "OPENROUTER_HEADERS", `{"X-Title":"Café","X-Key":"${secret}"}`],
  ["a header's name that HTTP forbids", "OPENROUTER_HEADERS", `{"X Title":"${secret}"}`],
  ["headers that are no object", "OPENROUTER_HEADERS", `["${secret}"]`],
  ["a map of models cut short", "AGENT_MODEL_MAP", '{"researcher":"openai/gpt-4o'],
  ["a model that is no text", "AGENT_MODEL_MAP", '{"researcher":4}'],
  ["an unknown preference", "PREFERRED_LLM_PROVIDER", "azure"],
  ["a base URL of another kind", "OPENROUTER_BASE_URL", `ftp://user:${secret}@example.com`],
  ["a key with a space", "OPENROUTER_API_KEY", `sk-or ${secret}`],
  ["an unknown log level", "LOG_LEVEL", "loud"],
];

describe("settings", () => {
  it.each(malformed)("refuses %s in %s", async (_what, variable, value) => {
    const { code, stdout, stderr } = await runHere([], { environment: { [variable]: value } });
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(stderr.startsWith(variable)).toBe(true);
    expect(stderr).not.toContain(secret);
  });

  it("reports all problems at once", async () => {
    const environment = Object.fromEntries(
      malformed.map(([, variable, value]) => [variable, value]),
    );
    const { code, stdout, stderr } = await runHere(["--json"], { environment });
    expect(code).toBe(2);
    for (const variable of Object.keys(environment)) expect(stderr).toContain(`${variable} `);
    expect(parseResult(stdout)).toMatchObject({
      status: "failed",
      answer: "",
      citations: [],
      calls: [],
      error: { code: "settings_error" },
    });
    expect(stdout + stderr).not.toContain(secret);
  });

  it("accepts sandbox as a provider", async () => {
    const { stderr } = await runHere([], { environment: { PREFERRED_LLM_PROVIDER: "sandbx" } });
    expect(stderr).toContain("openrouter, portkey or sandbox");
  });
});
