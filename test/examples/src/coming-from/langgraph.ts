import { ChatOpenAI } from "@langchain/openai";
import { Orchestra } from "@orchestra/core";

// LangGraph alone.
const before = new ChatOpenAI({
  model: "openai/gpt-4o",
  apiKey: "sk-or-v1-…",
  configuration: { baseURL: "https://openrouter.ai/api/v1" },
  maxRetries: 3,
});

// With Orchestra.
const after = new Orchestra().modelFor("researcher", { model: "openai/gpt-4o" });

console.log(before instanceof ChatOpenAI, after instanceof ChatOpenAI); // true true
