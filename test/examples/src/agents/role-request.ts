import { defineRole, Orchestra } from "@orchestra/core";
import { z } from "zod";

const analyst = defineRole({
  name: "analyst",
  system: "You answer questions about current events.",
  input: z.object({ question: z.string() }),
  output: z.object({ answer: z.string() }),
  model: "anthropic/claude-sonnet-4.5",
  request: {
    plugins: [{ id: "web", max_results: 3 }],
    reasoning: { effort: "low" },
    provider: { sort: "throughput", data_collection: "deny" },
  },
});

const { answer } = await new Orchestra().agent(analyst).invoke({ question: "What is new?" });
console.log(answer);
