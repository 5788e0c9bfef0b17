import OpenAI, { APIError } from "openai";

const client = new OpenAI();
try {
  await client.chat.completions.create({
    model: "agent:reseacher",
    messages: [{ role: "user", content: "When was the lighthouse built?" }],
  });
} catch (error) {
  if (!(error instanceof APIError)) throw error;
  console.log(error.status, error.code, error.message);
}
