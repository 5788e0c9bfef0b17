import { tool } from "@langchain/core/tools";
import { Orchestra } from "@orchestra/core";
import { createAgent } from "langchain";
import { z } from "zod";

const weather = tool(({ city }) => `It rains in ${city}.`, {
  name: "weather",
  description: "The weather of a city",
  schema: z.object({ city: z.string() }),
});

const agent = createAgent({ model: new Orchestra().modelFor("assistant"), tools: [weather] });
const { messages } = await agent.invoke({
  messages: [{ role: "user", content: "How is the weather in Bergen?" }],
});
console.log(messages.at(-1)?.text);
