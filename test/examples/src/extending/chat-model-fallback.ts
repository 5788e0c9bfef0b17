import { ChatOpenAI } from "@langchain/openai";
import { Orchestra } from "@orchestra/core";

const local = new ChatOpenAI({
  model: "llama3.3",
  apiKey: "none",
  maxRetries: 0,
  configuration: { baseURL: "http://127.0.0.1:11434/v1" },
});

const model = new Orchestra().modelFor("writer").withFallbacks([local]);
const answer = await model.invoke("What is a fallback?");
console.log(answer.text);
