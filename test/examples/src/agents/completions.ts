import { Orchestra } from "@orchestra/core";

const orchestra = new Orchestra();

const completion = await orchestra.completions.create(
  { messages: [{ role: "user", content: "What is a retry?" }] },
  { agentType: "researcher", signal: AbortSignal.timeout(60_000) },
);
console.log(completion.choices[0]?.message.content);

const chunks = await orchestra.completions.create({
  model: "google/gemini-2.5-pro",
  messages: [{ role: "user", content: "What is a fallback?" }],
  stream: true,
});
for await (const { choices } of chunks) process.stdout.write(choices?.[0]?.delta?.content ?? "");
