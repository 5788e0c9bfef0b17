import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { CallFailedError } from "../errors/index.ts";
import { Orchestra } from "../orchestra.ts";
import type { OrchestraEvent } from "../usage/index.ts";

type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** An orchestra on a server of the test's own, without retries. */
async function start(respond: Respond, environment: Record<string, string> = {}) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume();
    respond(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const events: OrchestraEvent[] = [];
  const orchestra = new Orchestra({
    logger: { error() {}, warn() {}, info() {}, debug() {} },
    onEvent: (event) => events.push(event),
    environment: {
      OPENROUTER_BASE_URL: `http://127.0.0.1:${port}/v1`,
      OPENROUTER_API_KEY: "sk-or-v1-0123456789",
      LLM_MAX_RETRIES: "0",
      ...environment,
    },
  });
  return {
    orchestra,
    requests,
    events,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const fail = async (work: Promise<unknown>): Promise<CallFailedError> => {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!CallFailedError.isInstance(error)) throw new Error(`Not failed: ${String(error)}`);
  return error;
};

const toolCalls = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    index,
    id: `call-${index}`,
    type: "function",
    function: { name: "search", arguments: "{}" },
  }));

const completionOf = (message: object) =>
  JSON.stringify({ id: "gen-1", choices: [{ index: 0, message, finish_reason: "stop" }] });

describe("a server's answer", () => {
  test("is limited by max_tokens, and its connection is closed", async () => {
    const closed = Promise.withResolvers<void>();
    await using t = await start((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.on("close", () => closed.resolve());
      const delta = { choices: [{ index: 0, delta: { content: "x".repeat(2 ** 18) } }] };
      const send = (): void => {
        while (!response.destroyed && response.write(`data: ${JSON.stringify(delta)}\n\n`));
        if (!response.destroyed) response.once("drain", send);
      };
      send();
    });
    const { errors } = await fail(t.orchestra.modelFor("chat", { maxTokens: 16 }).invoke("Hello"));
    expect(errors[0]?.details).toMatchObject({
      kind: "invalid_response_error",
      reason: "too_large",
    });
    expect(errors[0]?.message).toContain("max_tokens");
    await closed.promise;
  });

  test.each([true, false])("may not call thousands of tools (streamed: %s)", async (isStream) => {
    await using t = await start((_, response) => {
      const message = { role: "assistant", content: null, tool_calls: toolCalls(8000) };
      if (!isStream) return void response.end(completionOf(message));
      for (const call of message.tool_calls) {
        const chunk = { choices: [{ index: 0, delta: { tool_calls: [call] } }] };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      }
      response.end("data: [DONE]\n\n");
    });
    const { code, errors } = await fail(t.orchestra.chat("Hello"));
    expect([code, errors[0]?.details.reason]).toEqual([
      "invalid_response_error",
      "too_many_tool_calls",
    ]);
    expect(errors[0]?.message).toContain("LLM_MAX_TOOL_CALLS");
  });

  test("with too many tool calls is an error to an agent's model, which may call fewer", async () => {
    const prompts: string[] = [];
    await using t = await start(
      (request, response) => {
        if (request.method === "GET") return void response.writeHead(404).end();
        let body = "";
        request.on("data", (piece) => (body += String(piece)));
        request.on("end", () => {
          prompts.push(body);
          const tooMany = { role: "assistant", content: null, tool_calls: toolCalls(3) };
          const claim = { claims: [], openQuestions: [] };
          const answer = { role: "assistant", content: JSON.stringify(claim) };
          response.end(completionOf(prompts.length === 1 ? tooMany : answer));
        });
      },
      { LLM_MAX_TOOL_CALLS: "2" },
    );
    await t.orchestra
      .researcher()
      .invoke({ task: "Count" })
      .catch(() => undefined);
    expect(prompts[1]).toContain("calls more than 2 tools");
    expect(prompts[1]).toContain("call fewer");
  });
});

describe("a refusal for years", () => {
  test.each([
    ["retry-after", "1000000000"],
    ["retry-after", "9".repeat(400)],
    ["retry-after-ms", "1000000000000"],
    ["retry-after", "Fri, 31 Dec 9999 23:59:59 GMT"],
    ["x-ratelimit-reset", "253402300799000"],
  ])("by %s: %s is told once, and later calls fail at once", async (header, value) => {
    let isRefusing = true;
    await using t = await start(
      (_, response) => {
        if (!isRefusing)
          return void response.end(completionOf({ role: "assistant", content: "Hi" }));
        response.writeHead(429, { [header]: value });
        response.end(JSON.stringify({ error: { code: 429, message: "Rate limit exceeded" } }));
      },
      { LLM_REFUSAL_MAX_DELAY: "120" },
    );
    const before = Date.now();
    for (const _ of [1, 2, 3]) {
      const { code, retryAfterMs } = await fail(t.orchestra.chat("Hello"));
      expect(code).toBe("rate_limit_error");
      expect(retryAfterMs).toBeGreaterThan(0);
    }
    expect(t.requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
    const refusals = t.events.filter(({ type }) => type === "refusal");
    expect(refusals).toMatchObject([{ scope: "minute", isCapped: true }]);
    const [refusal] = refusals as { until: number }[];
    expect(refusal?.until).toBeLessThanOrEqual(before + 130_000);
    isRefusing = false;
  });
});

describe("cost look-ups", () => {
  const cutOff: Respond = (request, response) => {
    if (request.method === "GET") return void response.writeHead(404).end("404 page not found");
    response.writeHead(200, { "x-generation-id": "gen-1" }).end('{"choices":[]}');
  };

  test("ask a server without GET /generation once", async () => {
    await using t = await start(cutOff);
    for (const _ of [1, 2, 3]) {
      await fail(t.orchestra.chat("Hello"));
      await t.orchestra.flushCosts();
    }
    expect(t.requests.filter((request) => request.startsWith("GET"))).toHaveLength(1);
  });
});
