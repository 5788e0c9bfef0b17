import { OpenRouter } from "@openrouter/sdk";

const client = new OpenRouter({
  serverURL: process.env["OPENAI_BASE_URL"] ?? "",
  apiKey: process.env["OPENAI_API_KEY"] ?? "",
  retryConfig: { strategy: "none" },
});

const answer = await client.chat.send({
  chatRequest: {
    model: "agent:researcher",
    messages: [{ role: "user", content: "When was the lighthouse built?" }],
  },
});
if ("choices" in answer) console.log(answer.choices[0]?.message.content);
