import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();
const model = orchestra
  .modelFor("writer", { model: "openai/gpt-4o" })
  .withFallbacks([
    orchestra.modelFor("writer", { model: "anthropic/claude-sonnet-4.5" }),
    orchestra.modelFor("writer", { model: "google/gemini-2.5-pro" }),
  ]);

const answer = await model.invoke("What is a fallback?");
console.log(answer.response_metadata["model_name"], answer.text);
