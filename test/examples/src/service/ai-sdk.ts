import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";

const orchestra = createOpenAICompatible({
  name: "orchestra",
  baseURL: process.env["OPENAI_BASE_URL"] ?? "",
  apiKey: process.env["OPENAI_API_KEY"] ?? "",
  supportsStructuredOutputs: true,
});

const { text } = await generateText({
  model: orchestra("agent:researcher"),
  prompt: "When was the lighthouse built?",
  maxRetries: 0,
});
console.log(text);
