import { reportAnswer } from "./report-answer.mjs";

const [, , baseUrl, apiKey, model] = process.argv;
const response = await fetch(`${baseUrl}/chat/completions`, {
  method: "POST",
  headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
  body: JSON.stringify({
    model,
    messages: [{ role: "user", content: "How long does the lamp charge?" }],
  }),
});
await response.json();
reportAnswer();
