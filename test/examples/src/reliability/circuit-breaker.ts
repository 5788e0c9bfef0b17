import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    fallbacks: [{ provider: "anthropic", model: "claude-sonnet-4-5" }],
    circuitCooldownMs: 10_000,
  },
  onEvent: (event) => {
    if (event.type === "circuit") console.log(event.route, event.from, event.to);
  },
});
await orchestra.chat("What is a circuit breaker?");
