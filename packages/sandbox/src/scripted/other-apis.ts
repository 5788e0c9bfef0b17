import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { Fixture, LLMock } from "@copilotkit/aimock";
import { EXTRACTIVE_MODEL } from "../catalog/catalog.ts";
import type { ResolvedSandboxOptions } from "../options.ts";
import type { Engine } from "../server/context.ts";
import { readBody } from "../server/read-body.ts";
import { sendRefusal } from "../server/respond.ts";
import { isJsonObject } from "../wire/chat-request.ts";
import { parseChatRequest } from "../wire/parse-chat-request.ts";

/** The paths of these APIs in the sandbox, and in aimock. */
const PATHS: Record<string, string> = {
  "/api/v1/responses": "/v1/responses",
  "/api/v1/messages": "/v1/messages",
};

/** Endpoints of other APIs. They have no limits and no faults, and are not in the books. */
export interface OtherApis {
  /** Forwards a request; `false` if its path is in none of these APIs. */
  forward(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * OpenAI's responses and Anthropic's messages: aimock converts them to chat completions and back,
 * and the same engine answers. It is started on the first request.
 */
export function createOtherApis(
  engine: Engine,
  { fixtures, maxBodyBytes }: Pick<ResolvedSandboxOptions, "fixtures" | "maxBodyBytes">,
): OtherApis {
  let starting: Promise<LLMock> | undefined;
  return {
    async forward(request, response) {
      const { pathname, search } = new URL(request.url ?? "/", "http://sandbox");
      const path = PATHS[pathname];
      if (path === undefined || request.method !== "POST") return false;
      const body = await readBody(request, maxBodyBytes);
      if (!Buffer.isBuffer(body)) {
        sendRefusal(response, body);
        return true;
      }
      starting ??= startMock(engine, fixtures);
      const mock = await starting;
      await pass(request, body, response, `${mock.url}${path}${search}`);
      return true;
    },
    async close() {
      const mock = await starting;
      await mock?.stop();
    },
  };
}

async function startMock(engine: Engine, fixtures: readonly Fixture[]): Promise<LLMock> {
  const { LLMock } = await import("@copilotkit/aimock");
  const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  mock.addFixtures([...fixtures]);
  mock.on({ endpoint: "chat" }, async (completion) => {
    const body: unknown = completion;
    if (!isJsonObject(body)) return { content: "" };
    const answer = await engine(parseChatRequest(body), body, EXTRACTIVE_MODEL);
    if ("status" in answer) return { error: { message: answer.message }, status: answer.status };
    const { content, toolCalls } = answer;
    return toolCalls.length > 0 ? { toolCalls: [...toolCalls] } : { content: content ?? "" };
  });
  await mock.start();
  return mock;
}

function pass(
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  url: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const { method, headers } = request;
    const upstream = httpRequest(url, { method: method ?? "POST", headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on("end", resolve);
      answer.on("error", reject);
    });
    upstream.on("error", reject);
    upstream.end(body);
  });
}
