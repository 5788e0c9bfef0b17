/**
 * The server for the calls of a soak. It is a separate process, so that its memory is not counted. The first part of
 * the path selects how it answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

interface Body {
  readonly stream?: boolean;
  readonly max_tokens?: number;
  readonly tools?: readonly unknown[];
  readonly messages: readonly { readonly role: string }[];
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.000_01 };
const common = { model: "openai/gpt-4o", provider: "OpenAI", created: 1 };
let answers = 0;
const text = '{"text":"The lighthouse was built in 1871."}';

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    void answer(request, Buffer.concat(chunks).toString(), response);
  });
});
server.keepAliveTimeout = 120_000;

async function answer(
  { url = "" }: IncomingMessage,
  body: string,
  response: ServerResponse,
): Promise<void> {
  const [, behaviour] = url.split("/");
  if (url.includes("/generation")) return sendJson(response, { error: { code: 404 } }, 404);
  if (url.endsWith("/models")) return sendJson(response, { data: [] });
  if (behaviour === "mute") return;
  const asked = JSON.parse(body) as Body;
  // In a graph, messages with the same id are one message, so each answer has a different one.
  const id = `gen-${(answers += 1)}`;
  if (behaviour === "cut") return void startStream(response).write(event(id, { content: "Begun" }));
  if (behaviour === "long") return sendLong(startStream(response), id, asked.max_tokens ?? 1);
  if (behaviour === "fed") return sendFed(startStream(response), id);
  const isCall = asked.tools !== undefined && asked.messages.at(-1)?.role !== "tool";
  if (asked.stream) {
    const call = { index: 0, ...toolCall };
    const delta = isCall ? { tool_calls: [call] } : { content: text };
    startStream(response).end(
      event(id, delta) + event(id, {}, isCall ? "tool_calls" : "stop") + last,
    );
    return;
  }
  const message = isCall
    ? { role: "assistant", content: null, tool_calls: [toolCall] }
    : { role: "assistant", content: text };
  const finish_reason = isCall ? "tool_calls" : "stop";
  const choices = [{ index: 0, message, finish_reason }];
  sendJson(response, { id, ...common, object: "chat.completion", choices, usage });
}

const toolCall = {
  id: "call-1",
  type: "function",
  function: { name: "search", arguments: '{"query":"lighthouse"}' },
};

function event(id: string, delta: object, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta: { role: "assistant", ...delta }, finish_reason }];
  return `data: ${JSON.stringify({ id, ...common, object: "chat.completion.chunk", choices })}\n\n`;
}

const last = `data: ${JSON.stringify({ ...common, choices: [], usage })}\n\ndata: [DONE]\n\n`;

/** A stream of this number of chunks, each in a separate packet. */
async function sendLong(response: ServerResponse, id: string, chunks: number): Promise<void> {
  const chunk = event(id, { content: "x" });
  let goOn: (() => void) | undefined;
  response.on("drain", () => goOn?.()).on("close", () => goOn?.());
  for (let sent = 0; sent < chunks && !response.destroyed; sent += 1) {
    if (response.write(chunk)) continue;
    const { promise, resolve } = Promise.withResolvers<void>();
    goOn = resolve;
    await promise;
  }
  response.end(event(id, {}, "stop") + last);
}

/** A stream with the number of chunks that was ordered: a client buffers what its reader does not read. */
function sendFed(response: ServerResponse, id: string): void {
  const chunk = event(id, { content: "x" });
  const feed = (chunks: number) => {
    for (let sent = 0; sent < chunks; sent += 1) response.write(chunk);
  };
  feed(1);
  process.on("message", feed);
  response.once("close", () => process.off("message", feed));
}

function startStream(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { "content-type": "text/event-stream" });
}

function sendJson(response: ServerResponse, value: object, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  process.send?.(`http://127.0.0.1:${port}`);
});
// The soak has ended.
process.once("disconnect", () => process.exit());
