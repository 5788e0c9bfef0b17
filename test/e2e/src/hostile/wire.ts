import type { Socket } from "node:net";
import type { RawRequest, Respond } from "./raw-server.ts";

type Headers = Readonly<Record<string, string | number>>;

/** The head of a response, without a body. */
export function head(status: number | string, headers: Headers = {}): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n`;
}

/** Sends one document with its length. */
export function send(
  socket: Socket,
  body: string | Buffer,
  { status = 200, headers = {} }: { readonly status?: number; readonly headers?: Headers } = {},
): void {
  const length = Buffer.byteLength(body);
  socket.write(
    head(status, { "content-type": "application/json", "content-length": length, ...headers }),
  );
  socket.write(body);
}

export const json =
  (body: unknown, options?: Parameters<typeof send>[2]): Respond =>
  (socket) =>
    send(socket, typeof body === "string" ? body : JSON.stringify(body), options);

export const openEvents = (socket: Socket, headers: Headers = {}): void => {
  socket.write(head(200, { "content-type": "text/event-stream", connection: "close", ...headers }));
};

export const event = (chunk: unknown): string =>
  `data: ${typeof chunk === "string" ? chunk : JSON.stringify(chunk)}\n\n`;

/** Sends events, and ends the connection. */
export const events =
  (...chunks: readonly unknown[]): Respond =>
  (socket) => {
    openEvents(socket);
    socket.end(chunks.map(event).join(""));
  };

/** Sends bytes as they are, and ends the connection. */
export const bytes =
  (text: string | Buffer): Respond =>
  (socket) =>
    void socket.end(text);

const ids = { id: "gen-1", created: 1, model: "openai/gpt-4o", provider: "OpenAI" };
export const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, cost: 0.001 };

export const completion = (message: unknown, finish_reason: unknown = "stop"): object => ({
  ...ids,
  object: "chat.completion",
  choices: [{ index: 0, message, finish_reason }],
  usage,
});

export const chunk = (delta: unknown, finish_reason: unknown = null): object => ({
  ...ids,
  object: "chat.completion.chunk",
  choices: [{ index: 0, delta, finish_reason }],
});

export const lastChunk = { ...chunk({}, "stop"), usage };

export const toolCall = (args: unknown, index = 0): object => ({
  index,
  id: `call-${index}`,
  type: "function",
  function: { name: "search", arguments: args },
});

/** A message: whole, or as the stream that the client asks for. */
export const message =
  (body: unknown, finish: unknown = "stop"): Respond =>
  (socket, request) => {
    if (!request.isStream) return json(completion(body, finish))(socket, request);
    return events(chunk(body), { ...chunk({}, finish), usage }, "[DONE]")(socket, request);
  };

/** A good answer in the form of an agent's, which reads it as text. */
export const goodAnswer = (socket: Socket, request: RawRequest): void => {
  const content = request.body.includes("json_schema") ? '{"answer":"good"}' : "good";
  void message({ role: "assistant", content })(socket, request);
};
