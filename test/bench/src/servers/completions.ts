/**
 * Replaces OpenRouter where only the client is measured: a bare `node:http`
 * server, in a separate process, with canned answers. The first part of the path chooses how it
 * answers.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { serveParent } from "./child.ts";
import { cannedAnswers } from "./canned.ts";
import { sendPaced } from "./paced.ts";
import { Tail, type TailBooks } from "./tail.ts";

const { short, long, models } = cannedAnswers();
const tails = new Map<string, Tail>();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => answer(request, Buffer.concat(chunks), response));
});
server.keepAliveTimeout = 120_000;

function answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const [, behaviour = "", ...rest] = (request.url ?? "").split("/");
  if (rest.at(-1) === "models") return send(response, models);
  const isStream = body.includes('"stream":true');
  if (behaviour === "short") return send(response, isStream ? short.stream : short.whole, isStream);
  if (behaviour === "long") return send(response, isStream ? long.stream : long.whole, isStream);
  if (behaviour.startsWith("paced")) {
    if (isStream) sendPaced(response, behaviour);
    else send(response, short.whole);
    return;
  }
  // Accepts, and never answers.
  if (behaviour === "silent") return;
  if (behaviour === "down") return send(response, unavailable, false, 503);
  if (behaviour.startsWith("tail")) {
    return tailOf(behaviour).delay(response, () =>
      send(response, isStream ? short.stream : short.whole, isStream),
    );
  }
  send(response, Buffer.from('{"error":{"code":404,"message":"Not found"}}'), false, 404);
}

const unavailable = Buffer.from('{"error":{"code":503,"message":"No provider is available"}}');

function send(response: ServerResponse, body: Buffer, isStream = false, status = 200): void {
  response.writeHead(status, {
    "content-type": isStream ? "text/event-stream" : "application/json",
    "content-length": body.length,
  });
  response.end(body);
}

/** @param name - `tail-<seed>-<anything>` */
function tailOf(name: string): Tail {
  let tail = tails.get(name);
  if (!tail) tails.set(name, (tail = new Tail(Number(name.split("-")[1]))));
  return tail;
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  serveParent({ url: `http://127.0.0.1:${port}` }, (name): TailBooks => tailOf(String(name)).books);
});
