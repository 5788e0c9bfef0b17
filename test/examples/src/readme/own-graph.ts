import { END, START, StateGraph } from "@langchain/langgraph";
import { Orchestra, runIdOf } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { z } from "zod";

const sandbox = await startSandbox();
const orchestra = new Orchestra({
  settings: {
    openRouterApiKey: "sk-or-v1-any",
    baseUrl: sandbox.url,
    agentModels: { summarizer: "openai/gpt-4o", critic: "openai/gpt-4o-mini" },
    budgetUsdPerRun: 0.05,
    logLevel: "silent",
  },
});

// A role has a name, a system prompt, and schemas of its input and its output.
const summarizer = orchestra.agent({
  name: "summarizer",
  system: "You write the most important sentence of a text.",
  input: z.object({ text: z.string() }),
  output: z.object({ summary: z.string() }),
});
const critic = orchestra.agent({
  name: "critic",
  system: "You compare a summary with its text.",
  input: z.object({ text: z.string(), summary: z.string() }),
  output: z.object({ isCorrect: z.boolean() }),
});

const State = z.object({
  text: z.string(),
  summary: z.string().default(""),
  isCorrect: z.boolean().default(false),
  costUsd: z.number().default(0),
});
const graph = new StateGraph(State)
  .addNode("summarize", ({ text }) => summarizer.invoke({ text }))
  .addNode("check", ({ text, summary }) => critic.invoke({ text, summary }))
  .addNode("bill", (_, config) => ({ costUsd: orchestra.ledger.run(runIdOf(config)).costUsd }))
  .addEdge(START, "summarize")
  .addEdge("summarize", "check")
  .addEdge("check", "bill")
  .addEdge("bill", END)
  .compile();

const text = "The lighthouse was built in 1871. Its lamp is electric.";
const { summary, isCorrect, costUsd } = await graph.invoke({ text });
console.log(summary, isCorrect);
console.log(`$${costUsd}`);

// A text that costs too much is not sent.
await graph.invoke({ text: text.repeat(3000) }).catch((error) => console.log(error.message));
await sandbox.close();
