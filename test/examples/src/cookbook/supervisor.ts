import { createSupervisor } from "@langchain/langgraph-supervisor";
import { Orchestra } from "@orchestra/core";
import { createAgent } from "langchain";

const orchestra = new Orchestra();
const member = (name: string, systemPrompt: string) =>
  createAgent({ name, systemPrompt, model: orchestra.modelFor(name), tools: [] }).graph;

const supervisor = createSupervisor({
  agents: [
    member("historian", "You answer questions about history."),
    member("physicist", "You answer questions about physics."),
  ],
  llm: orchestra.modelFor("supervisor"),
  prompt: "Hand each question to the right expert, then give the answer.",
}).compile();

const { messages } = await supervisor.invoke({
  messages: [{ role: "user", content: "When was the lighthouse of Vell built?" }],
});
console.log(messages.at(-1)?.text);
