import type { Sandbox } from "./sandbox.ts";
import { isJsonObject, type JsonObject } from "./wire/chat-request.ts";

/** The smallest request. */
export const HELLO = {
  model: "openai/gpt-4o",
  messages: [{ role: "user", content: "Hello" }],
} as const;

/** Requests a completion from the sandbox. */
export function post(
  sandbox: Sandbox,
  body: object,
  init: { headers?: Record<string, string>; base?: string; signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${init.base ?? sandbox.url}/chat/completions`, {
    method: "POST",
    headers: {
      authorization: "Bearer sk-or-v1-test",
      "content-type": "application/json",
      ...init.headers,
    },
    body: JSON.stringify(body),
    ...(init.signal !== undefined && { signal: init.signal }),
  });
}

/** Reads a response as JSON, in the form that the test expects. */
export async function json(response: Response): Promise<JsonObject> {
  const body: unknown = await response.json();
  if (!isJsonObject(body)) throw new TypeError("expected a JSON object");
  return body;
}

/** The lines of data of a stream that was read to its end. */
export function events(text: string): string[] {
  return text
    .split("\n\n")
    .filter((event) => event.startsWith("data: "))
    .map((event) => event.slice("data: ".length));
}

/** Reads a stream until it ends or breaks, and returns which. */
export async function readAll(response: Response): Promise<{ text: string; isBroken: boolean }> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    return { text, isBroken: false };
  } catch {
    return { text, isBroken: true };
  }
}

/** Reads from a stream until it contains `enough`, then disconnects. */
export async function readUntil(response: Response, enough: string): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.includes(enough)) break;
  }
  return text;
}
