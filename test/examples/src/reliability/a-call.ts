import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    defaultModel: "openai/gpt-4o",
    fallbacks: [{ provider: "anthropic", model: "claude-sonnet-4-5" }],
  },
  onEvent: (event) => {
    if (event.type === "retry") console.log("retry", event.kind);
    if (event.type === "fallback") console.log("fallback to", event.to);
  },
});

const answer = await orchestra.chat("What is a circuit breaker?");
console.log(answer.text);
console.log(orchestra.ledger.total);
