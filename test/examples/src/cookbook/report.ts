import { END, interrupt, START, StateGraph } from "@langchain/langgraph";
import { definePipeline } from "@orchestra/runtime";
import { z } from "zod";

const text = z.string();
const State = z.object({
  text,
  topic: text.default(""),
  advantage: text.default(""),
  risk: text.default(""),
  report: text.default(""),
});

export const report = definePipeline({
  name: "report",
  input: z.object({ text: text.min(1) }),
  create: ({ orchestra, checkpointer }) => {
    const sorter = orchestra.agent({
      name: "sorter",
      system: "You decide whether a text is a proposal or a note.",
      output: z.object({ topic: z.enum(["proposal", "note"]) }),
    });
    const optimist = orchestra.agent({ name: "optimist", system: "You name one advantage." });
    const critic = orchestra.agent({ name: "critic", system: "You name one risk." });

    return new StateGraph(State)
      .addNode("sort", ({ text }) => sorter.invoke(text))
      .addNode("praise", async ({ text }) => ({ advantage: await optimist.invoke(text) }))
      .addNode("doubt", async ({ text }) => ({ risk: await critic.invoke(text) }))
      .addNode("ask", ({ advantage, risk }) => {
        const decision: string = interrupt({ question: "Accept it?", advantage, risk });
        return { report: `${decision}: ${advantage} ${risk}` };
      })
      .addEdge(START, "sort")
      .addConditionalEdges(
        "sort",
        ({ topic }) => (topic === "note" ? [END] : ["praise", "doubt"]),
        ["praise", "doubt", END],
      )
      .addEdge(["praise", "doubt"], "ask") // when both are done
      .addEdge("ask", END)
      .compile({ checkpointer });
  },
});
