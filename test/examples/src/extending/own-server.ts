import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();

// The same policies, at another OpenAI-compatible server.
const local = orchestra.modelFor("writer", {
  model: "llama3.3",
  apiKey: "none",
  configuration: { baseURL: "http://127.0.0.1:11434/v1" },
});

const model = orchestra.modelFor("writer").withFallbacks([local]);
const answer = await model.invoke("What is a fallback?");
console.log(answer.text);
