import OpenAI from "openai";

const client = new OpenAI();

const response = await client.responses.create({
  model: "agent:researcher",
  instructions: "Answer in one sentence.",
  input: "When was the lighthouse built?",
});
console.log(response.output_text);
