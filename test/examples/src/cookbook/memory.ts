import { MemorySaver } from "@langchain/langgraph";
import { Orchestra } from "@orchestra/core";
import { createAgent } from "langchain";

const agent = createAgent({
  model: new Orchestra().modelFor("assistant"),
  tools: [],
  checkpointer: new MemorySaver(), // or a checkpointer on a database
});

const thread = { configurable: { thread_id: "ada" } };
const say = (content: string) => agent.invoke({ messages: [{ role: "user", content }] }, thread);

await say("My name is Ada.");
const { messages } = await say("What is my name?");
console.log(messages.length); // two questions, two answers
