import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    fallbacks: [
      { provider: "openai", model: "gpt-4o", override_params: { temperature: 0 } },
      { provider: "anthropic", model: "claude-sonnet-4-5", override_params: { top_k: 40 } },
    ],
  },
});
const answer = await orchestra.chat("What is a route?");
console.log(answer.text);
