import { END, START, StateGraph } from "@langchain/langgraph";
import { Orchestra, runIdOf } from "@orchestra/core";
import { z } from "zod";

const orchestra = new Orchestra({ settings: { budgetUsdPerRun: 0.5 } });

const graph = new StateGraph(z.object({ text: z.string(), costUsd: z.number().default(0) }))
  .addNode("draft", async ({ text }) => ({ text: (await orchestra.chat(text)).text }))
  .addNode("shorten", async ({ text }) => ({ text: (await orchestra.chat(text)).text }))
  .addNode("bill", (_, config) => ({ costUsd: orchestra.ledger.run(runIdOf(config)).costUsd }))
  .addEdge(START, "draft")
  .addEdge("draft", "shorten")
  .addEdge("shorten", "bill")
  .addEdge("bill", END)
  .compile();

const { text, costUsd } = await graph.invoke({ text: "What is a circuit breaker?" });
console.log(text, costUsd);
