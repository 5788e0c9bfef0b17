import { END, START, StateGraph } from "@langchain/langgraph";
import { defineRole, Orchestra } from "@orchestra/core";
import { z } from "zod";

const orchestra = new Orchestra();
const summarizer = orchestra.agent(
  defineRole({
    name: "summarizer",
    system: "You summarize a text in one sentence.",
    input: z.object({ text: z.string() }),
    output: z.object({ summary: z.string() }),
  }),
);

const graph = new StateGraph(z.object({ text: z.string(), summary: z.string().optional() }))
  .addNode("summarize", ({ text }, config) => summarizer.invoke({ text }, config))
  .addEdge(START, "summarize")
  .addEdge("summarize", END)
  .compile();

const { summary } = await graph.invoke({ text: "Orchestra retries every call that fails." });
console.log(summary);
