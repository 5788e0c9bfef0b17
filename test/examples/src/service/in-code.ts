import { Orchestra } from "@orchestra/core";
import { serve } from "@orchestra/server";

const orchestra = new Orchestra();
const server = await serve({ orchestra, port: 0, keys: ["a-key-of-one-team-0123"] });

const response = await fetch(`${server.url}/chat/completions`, {
  method: "POST",
  headers: {
    authorization: "Bearer a-key-of-one-team-0123",
    "content-type": "application/json",
  },
  body: JSON.stringify({
    agent_type: "researcher",
    messages: [{ role: "user", content: "When was the lighthouse built?" }],
  }),
});
console.log(response.status, response.headers.get("x-orchestra-attempts"));

await server.close({ graceMs: 10_000 });
