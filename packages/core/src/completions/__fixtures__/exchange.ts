import type { ServerResponse } from "node:http";
import { FakeClock } from "../../clock/fake-clock.ts";
import { ModelError } from "../../errors/model-error.ts";
import { openStream, type OpenStream } from "../open-stream.ts";
import type { Endpoint } from "../http/http.ts";
import { sendCompletion, type SendOptions } from "../send.ts";
import type { CompletionChunk } from "../wire.ts";
import { serve } from "./loopback.ts";

export const request = {
  model: "openai/gpt-4o",
  messages: [{ role: "user" as const, content: "Hi" }],
};

export interface ExchangeOptions extends Partial<SendOptions> {
  readonly fetch?: typeof fetch | undefined;
}

/** A server with scripted answers, and requests to it. Time is that of a fake clock. */
export async function start(
  answer: (response: ServerResponse) => void,
  options: ExchangeOptions = {},
) {
  const server = await serve(answer);
  const clock = new FakeClock();
  const texts: string[] = [];
  const { fetch, ...sent } = options;
  const endpoint: Endpoint = {
    url: `${server.url}/chat/completions`,
    headers: { authorization: "Bearer sk-or-test", "x-title": "Every request" },
    fetch,
  };
  const sendOptions = (fields: object): SendOptions => ({
    request: { ...request, ...fields },
    signal: new AbortController().signal,
    clock,
    onText: (text) => texts.push(text),
    ...sent,
  });
  return {
    server,
    clock,
    texts,
    endpoint,
    /** Requests a whole answer. */
    whole: () => sendCompletion(endpoint, sendOptions({})),
    /** Requests a stream. */
    live: () => openStream(endpoint, sendOptions({ stream: true })),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const ignoresSignal: typeof fetch = (url, init) => fetch(url, { ...init, signal: null });

/** The ways in which a request is sent. */
export const transports: readonly [name: string, send: typeof fetch | undefined][] = [
  ["undici", undefined],
  ["the user's fetch", fetch],
  ["a fetch that ignores its signal", ignoresSignal],
];

/** The error of work that must fail with a ModelError. */
export async function failureOf(work: Promise<unknown>): Promise<ModelError> {
  try {
    await work;
  } catch (error) {
    if (ModelError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("The request succeeded");
}

export async function readAll(stream: OpenStream): Promise<CompletionChunk[]> {
  const chunks: CompletionChunk[] = [];
  for (;;) {
    const batch = await stream.read();
    if (!batch) return chunks;
    chunks.push(...batch);
  }
}

/** Opens a stream and reads it to its end. */
export async function readLive(opening: Promise<OpenStream>): Promise<CompletionChunk[]> {
  return readAll(await opening);
}

export function textOf(chunks: readonly CompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("");
}

/** Sends a body unchanged. */
export function sendBody(response: ServerResponse, body: string, contentType?: string): void {
  response.writeHead(200, contentType === undefined ? {} : { "content-type": contentType });
  response.end(body);
}
