import { expect, test } from "vitest";
import { withOptions } from "./with-options.ts";

test.each([
  [
    "Set PORTKEY_FALLBACKS to let another model answer.",
    "Set PORTKEY_FALLBACKS (in code: settings.fallbacks) to let another model answer.",
  ],
  [
    "LLM_ALLOW_PAID_FALLBACK=true allows it.",
    "LLM_ALLOW_PAID_FALLBACK=true (in code: settings.allowPaidFallback) allows it.",
  ],
  [
    "Raise LLM_CALL_TIMEOUT, or LLM_CALL_TIMEOUT again.",
    "Raise LLM_CALL_TIMEOUT (in code: settings.callTimeoutMs), or LLM_CALL_TIMEOUT again.",
  ],
  ["HTTPS_PROXY is set.", "HTTPS_PROXY is set."],
  ["Try again later.", "Try again later."],
])("variables are named with their options: %s", (sentence, expected) => {
  expect(withOptions(sentence)).toBe(expected);
});
