import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra({
  settings: {
    defaultModel: "openai/gpt-4o:nitro", // the provider with the highest throughput
    agentRequests: {
      executor: { service_tier: "priority" }, // where a provider has one, at its higher price
      researcher: { provider: { sort: "latency" } }, // the provider that begins to answer first
    },
  },
});

const answer = await orchestra.chat("Name three uses of copper.", { agent_type: "executor" });
console.log(answer.text);
