import OpenAI from "openai";

const client = new OpenAI({ maxRetries: 0 }); // OPENAI_BASE_URL and OPENAI_API_KEY

const { choices } = await client.chat.completions.create({
  model: "agent:researcher",
  messages: [{ role: "user", content: "When was the lighthouse built?" }],
});
console.log(choices[0]?.message.content);
