import OpenAI from "openai";

const client = new OpenAI({ defaultHeaders: { "X-Orchestra-Stream": "live" } });

const stream = await client.chat.completions.create({
  model: "agent:researcher",
  messages: [{ role: "user", content: "When was the lighthouse built?" }],
  stream: true,
});
for await (const { choices } of stream) process.stdout.write(choices[0]?.delta.content ?? "");
