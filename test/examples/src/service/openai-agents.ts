import { Agent, run, setTracingDisabled } from "@openai/agents";

setTracingDisabled(true); // Traces go to OpenAI.

const agent = new Agent({
  name: "Researcher",
  model: "agent:researcher",
  instructions: "Answer in one sentence.",
});
const { finalOutput } = await run(agent, "When was the lighthouse built?");
console.log(finalOutput);
