/**
 * The least that a server between client and models can do: `node:http` and undici, which pass all bytes on.
 * It checks no key and counts nothing.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { Agent } from "undici";
import { optionsFromParent, serveParent } from "./child.ts";

export interface PassThroughOptions {
  /** Where the models are. */
  readonly baseUrl: string;
}

const { baseUrl } = optionsFromParent() as PassThroughOptions;
const { origin, pathname } = new URL(baseUrl);
const path = `${pathname}/chat/completions`;
const models = new Agent();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => void passOn(request, Buffer.concat(chunks), response));
});
server.keepAliveTimeout = 120_000;

async function passOn(
  { headers: { authorization = "" } }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<void> {
  const headers = { authorization, "content-type": "application/json" };
  const answer = await models.request({ origin, path, method: "POST", headers, body });
  response.writeHead(answer.statusCode, {
    "content-type": String(answer.headers["content-type"]),
  });
  await pipeline(answer.body, response);
}

server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  serveParent({ url: `http://127.0.0.1:${port}/v1`, pid: process.pid }, () => undefined);
});
