import { Orchestra } from "@orchestra/core";
import { expect, test } from "vitest";

// A key of the real service alone: not one that goes to a server of another address.
const { OPENROUTER_API_KEY: key, OPENROUTER_BASE_URL: otherUrl } = process.env;
const hasKey = Boolean(key) && !otherUrl;

test.skipIf(!hasKey)(
  "the real OpenRouter answers (skipped: needs OPENROUTER_API_KEY)",
  async () => {
    const orchestra = new Orchestra({ settings: { logLevel: "silent" } });
    const answer = await orchestra.chat("Answer with the one word: pong", {
      agent_type: "researcher",
    });
    expect(answer.text.toLowerCase()).toContain("pong");
    expect(orchestra.ledger.total).toMatchObject({ calls: 1, failedCalls: 0 });
    expect(orchestra.ledger.total.promptTokens).toBeGreaterThan(0);
  },
);
