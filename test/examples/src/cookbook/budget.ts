import { END, START, StateGraph } from "@langchain/langgraph";
import { CallFailedError, Orchestra } from "@orchestra/core";
import { z } from "zod";

const orchestra = new Orchestra({ settings: { budgetTokensPerRun: 12_000 } });

// A loop that does not end by itself.
const graph = new StateGraph(z.object({ text: z.string() }))
  .addNode("improve", async ({ text }) => ({ text: (await orchestra.chat(text)).text }))
  .addEdge(START, "improve")
  .addConditionalEdges("improve", () => "improve", ["improve", END])
  .compile();

try {
  await graph.invoke({ text: "Write a slogan for copper." }, { recursionLimit: 1000 });
} catch (error) {
  if (!CallFailedError.isInstance(error)) throw error;
  console.log(error.code); // "budget_error"
}
