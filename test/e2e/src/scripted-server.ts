import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

/** What a server answers: JSON with a status, or the events of a stream. */
export type Answer =
  | { readonly status?: number; readonly json: unknown }
  | {
      readonly events: readonly unknown[];
      /** Whether the connection breaks off after the events. */
      readonly isCut?: boolean;
    };

// oxlint-disable-next-line typescript/no-explicit-any -- requests are looked at as JSON
type Body = Record<string, any>;

/**
 * A server that answers each chat request by a function of its body; it keeps what it received.
 *
 * @param models - Its catalog, in OpenRouter's form. @defaultValue none
 */
export async function startScriptedServer(
  respond: (body: Body, turn: number) => Answer,
  models?: readonly object[],
) {
  const requests: Body[] = [];
  const received: Pick<IncomingMessage, "url" | "headers">[] = [];
  const reply = async (incoming: IncomingMessage, response: ServerResponse) => {
    if (incoming.method !== "POST") {
      response.writeHead(models ? 200 : 404, { "content-type": "application/json" });
      return void response.end(JSON.stringify({ data: models }));
    }
    const body = (await json(incoming)) as Body;
    requests.push(body);
    received.push({ url: incoming.url, headers: incoming.headers });
    const answer = respond(body, requests.length);
    if ("json" in answer) {
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" });
      return void response.end(JSON.stringify(answer.json));
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of answer.events) response.write(`data: ${JSON.stringify(event)}\n\n`);
    if (answer.isCut) await breakOff(response);
    else response.end("data: [DONE]\n\n");
  };
  const server = createServer((incoming, response) => void reply(incoming, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Closes the connection once everything written has left. */
async function breakOff(response: ServerResponse): Promise<void> {
  await new Promise((resolve) => response.write(": the end\n\n", resolve));
  response.destroy();
}

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, cost: 0.0001 };

/** A whole answer with this message. */
export function answer(message: object, finish_reason = "stop", more: object = {}): Answer {
  return {
    json: {
      id: "gen-1",
      object: "chat.completion",
      model: "server/model",
      choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason, ...more }],
      usage,
    },
  };
}

/** A tool call, as it is in a message. */
export const toolCall = (name: string, args: object, id = "call_1") => ({
  id,
  type: "function",
  function: { name, arguments: JSON.stringify(args) },
});

/** A refused request. */
export const refusal = (message: string, status = 400): Answer => ({
  status,
  json: { error: { message, type: "invalid_request_error", code: status } },
});
