import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();
const { choices } = await orchestra.completions.create({
  model: "openai/gpt-4o:floor",
  messages: [{ role: "user", content: "What is a retry?" }],
});
console.log(choices[0]?.message.content);
