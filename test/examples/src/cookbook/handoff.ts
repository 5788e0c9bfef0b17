import { Command, END, START, StateGraph } from "@langchain/langgraph";
import { defineRole, Orchestra } from "@orchestra/core";
import { z } from "zod";

const orchestra = new Orchestra();
const triage = orchestra.agent(
  defineRole({
    name: "triage",
    system: "You decide who answers a question: billing or support.",
    input: z.object({ question: z.string() }),
    output: z.object({ department: z.enum(["billing", "support"]) }),
  }),
);
const billing = orchestra.agent({ name: "billing", system: "You answer questions about bills." });
const support = orchestra.agent({ name: "support", system: "You solve technical problems." });

const State = z.object({ question: z.string(), answer: z.string().default("") });
const graph = new StateGraph(State)
  .addNode(
    "triage",
    async ({ question }) => new Command({ goto: (await triage.invoke({ question })).department }),
    { ends: ["billing", "support"] },
  )
  .addNode("billing", async ({ question }) => ({ answer: await billing.invoke(question) }))
  .addNode("support", async ({ question }) => ({ answer: await support.invoke(question) }))
  .addEdge(START, "triage")
  .addEdge("billing", END)
  .addEdge("support", END)
  .compile();

const { answer } = await graph.invoke({ question: "Why is my bill higher this month?" });
console.log(answer);
