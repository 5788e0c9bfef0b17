import { Orchestra } from "@orchestra/core";
import { z } from "zod";

const orchestra = new Orchestra();
const summarizer = orchestra.agent({
  name: "summarizer",
  system: "You summarize a text in one sentence.",
  input: z.object({ text: z.string() }),
  output: z.object({ summary: z.string() }),
});

// A chain; an agent can also be a node of a LangGraph graph.
const report = summarizer.pipe(({ summary }) => `# Report\n\n${summary}`);
console.log(await report.invoke({ text: "The lighthouse was built in 1871." }));
