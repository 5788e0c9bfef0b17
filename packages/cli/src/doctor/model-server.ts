import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const chunk = {
  id: "chatcmpl-doctor",
  object: "chat.completion.chunk",
  created: 1,
  model: "doctor",
  choices: [{ index: 0, delta: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
};
const completion = {
  ...chunk,
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
};

/** Starts a model on loopback, for a gateway to call. It answers "Hello", as a stream if the request asks for one. */
export async function startModelServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (part: string) => (body += part));
    request.on("end", () => {
      const isStream = body.includes('"stream":true');
      response.setHeader("content-type", isStream ? "text/event-stream" : "application/json");
      const json = JSON.stringify(isStream ? chunk : completion);
      response.end(isStream ? `data: ${json}\n\ndata: [DONE]\n\n` : json);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
