import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A model server that answers each completion with a test's function. */
export interface Upstream extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the requests for completions. */
  readonly bodies: readonly Readonly<Record<string, unknown>>[];
}

export type Reply = (response: ServerResponse, request: IncomingMessage) => Promise<void> | void;

export async function startUpstream(reply: Reply): Promise<Upstream> {
  const bodies: Record<string, unknown>[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "POST") {
      response.writeHead(404).end("{}");
      return;
    }
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk as string;
    bodies.push(JSON.parse(text) as Record<string, unknown>);
    await reply(response, request);
  };
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    bodies,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Answers with events, each with its JSON unchanged, and `[DONE]`. */
export const events =
  (...data: readonly string[]): Reply =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end([...data, "[DONE]"].map((each) => `data: ${each}\n\n`).join(""));
  };

export const document =
  (body: string): Reply =>
  (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(body);
  };

/** A chunk of a stream, as JSON. */
export function chunk(delta: object, finish_reason: string | null = null): string {
  return JSON.stringify({
    id: "gen-1",
    provider: "Example",
    model: "openai/gpt-4o",
    object: "chat.completion.chunk",
    created: 1,
    choices: [{ index: 0, delta, finish_reason, native_finish_reason: finish_reason }],
  });
}
