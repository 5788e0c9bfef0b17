import type { IncomingMessage } from "node:http";
import { isJsonObject, type JsonObject } from "../wire/chat-request.ts";

/** Reads a request's body as a JSON object; `undefined` when it is none. */
export async function readJsonBody(request: IncomingMessage): Promise<JsonObject | undefined> {
  try {
    const body: unknown = JSON.parse(await readText(request));
    return isJsonObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Events rather than an async iterator, which costs a promise a chunk. */
function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      text += chunk;
    });
    request.on("end", () => resolve(text));
    request.on("error", reject);
  });
}
