import { describe, expect, test } from "vitest";
import { createRedactor, resolveSettings, type SettingsOptions } from "./index.ts";

const redactor = (options: SettingsOptions) =>
  createRedactor(resolveSettings({ baseUrl: "http://127.0.0.1", ...options }, {}));

describe("createRedactor", () => {
  test.each([
    ["OpenRouter's key", { openRouterApiKey: "or.abcdef" }, "or.abcdef"],
    ["Portkey's key", { portkeyApiKey: "portkey:abcdef" }, "portkey:abcdef"],
    ["the virtual key", { virtualKey: "openai-prod-1" }, "openai-prod-1"],
    [
      "an entry's own key",
      {
        portkeyApiKey: "pk-1",
        fallbacks: [{ provider: "openai", model: "gpt-4o", api_key: "entry.key" }],
      },
      "entry.key",
    ],
    [
      "an entry's virtual key",
      {
        portkeyApiKey: "pk-1",
        fallbacks: [{ provider: "openai", model: "gpt-4o", virtual_key: "entry.virtual" }],
      },
      "entry.virtual",
    ],
    ["a header that authorizes", { headers: { "X-Api-Key": "header.key" } }, "header.key"],
    [
      "a token without its scheme",
      { headers: { Authorization: "Bearer header.token" } },
      "header.token",
    ],
  ])("removes %s at any position", (_, options, secret) => {
    const text = `${secret}: "${secret}" refused (key=${secret})`;
    expect(redactor(options)(text)).toBe('[redacted]: "[redacted]" refused (key=[redacted])');
  });

  test("takes out what looks like a key, though it is none of ours", () => {
    expect(redactor({})("Incorrect API key provided: sk-proj-AbC_12345678.")).toBe(
      "Incorrect API key provided: sk-[redacted].",
    );
    expect(redactor({})("pk-12345678")).toBe("pk-[redacted]");
  });

  test("takes out the whole of a secret that contains another", () => {
    const redact = redactor({ openRouterApiKey: "abcdef", virtualKey: "abcdef-ghijkl" });
    expect(redact("abcdef-ghijkl abcdef")).toBe("[redacted] [redacted]");
  });

  test("leaves words alone: short secrets, other headers, hyphens", () => {
    const redact = redactor({ openRouterApiKey: "model", headers: { "X-Title": "Orchestra" } });
    const text = "The model of Orchestra is at risk-management-level; sk-1 is short";
    expect(redact(text)).toBe(text);
  });

  test("treats a secret as text, not as a pattern", () => {
    const redact = redactor({ openRouterApiKey: "a.c+(e)$&" });
    expect(redact("a.c+(e)$& abc+(e)")).toBe("[redacted] abc+(e)");
  });
});
