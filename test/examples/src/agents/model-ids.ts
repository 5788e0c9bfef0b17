import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    defaultModel: "openai/gpt-4o:floor", // the cheapest provider
    agentModels: {
      researcher: "anthropic/claude-sonnet-4.5:nitro", // the fastest provider
      validator: "@preset/strict-review", // a preset of the account
      executor: "google/gemini-2.5-pro",
    },
  },
});
console.log(orchestra.modelFor("researcher").model);
