import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();
const answer = await orchestra.chat("What is a session?", {
  agent_type: "researcher",
  temperature: 0.2,
  maxTokens: 500,
  provider: { order: ["anthropic", "amazon-bedrock"] },
  models: ["openai/gpt-4o", "google/gemini-2.5-pro"],
  plugins: [{ id: "web" }],
  reasoning: { effort: "low" },
  session_id: "chat-42",
  user: "user-7",
  trace: { generation_name: "answer" },
  cache_control: { type: "ephemeral" },
  request: { top_k: 40 }, // any other field, by its name on the wire
});
console.log(answer.text);
