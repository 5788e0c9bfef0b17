import { startServer } from "../../../test-support/start-server.ts";
import type { Scene } from "../scene.ts";

export const fallbacks = (...entries: readonly object[]) => JSON.stringify(entries);
export const openAi = { provider: "openai", model: "gpt-4o" };

/** A gateway that answers requests without a stream with one status, and those for a stream with another. */
export async function gateway({ stack }: Scene, status: number, streamStatus: number): Promise<string> {
  const server = await startServer((request, response) => {
    let body = "";
    request
      .setEncoding("utf8")
      .on("data", (part: string) => (body += part))
      .on("end", () => {
        response.writeHead(body.includes('"stream":true') ? streamStatus : status);
        response.end("{}");
      });
  });
  return `${stack.use(server).url}/v1`;
}
