import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: { requestsPerMinute: 60, tokensPerMinute: 200_000, maxConcurrency: 16 },
  onEvent: (event) => {
    if (event.type === "rate-limit-wait") console.log(`${event.model} waits ${event.waitMs} ms`);
  },
});
await orchestra.chat("What is a rate limit?");
