import { execFile } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { completion } from "../__fixtures__/completions.ts";

/** Makes a call and a stream, and prints the answers or the errors as JSON. */
const program = `
  const { Gateway } = await import("@orchestra/core/gateway");
  const { completions } = new Gateway();
  const messages = [{ role: "user", content: "Hi" }];
  const call = async () => (await completions.create({ messages })).choices[0].message.content;
  const stream = async () => {
    let text = "";
    for await (const { choices } of await completions.create({ messages, stream: true })) {
      text += choices[0]?.delta.content ?? "";
    }
    return text;
  };
  const results = [];
  for (const send of [call, stream]) {
    results.push(await send().catch(({ message, attempts }) => ({ message, attempts })));
  }
  console.log(JSON.stringify(results));
`;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!(await text(request)).includes('"stream":true')) {
    response.writeHead(200, { "content-type": "application/json" });
    return void response.end(JSON.stringify(completion()));
  }
  const { id, created, model } = completion();
  const event = (delta: object, finish_reason: string | null) => {
    const choices = [{ index: 0, delta, finish_reason }];
    return `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created, model, choices })}\n\n`;
  };
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(event({ role: "assistant", content: "Hello" }, null));
  response.end(`${event({}, "stop")}data: [DONE]\n\n`);
}

let models: Server;
beforeAll(async () => {
  models = createServer((request, response) => void answer(request, response));
  await listen(models);
});
afterAll(() => models.close());

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** What a process prints that has a proxy, which treats each CONNECT in a given way. */
async function callThrough(onConnect: (socket: Socket) => void) {
  const connects: unknown[] = [];
  const proxy = createServer();
  proxy.on("connect", ({ url, headers }, socket: Socket) => {
    connects.push([url, headers["proxy-authorization"]]);
    onConnect(socket);
  });
  await listen(proxy);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@orchestra/source", "--input-type=module", "--eval", program],
    {
      cwd: import.meta.dirname,
      env: {
        NODE_USE_ENV_PROXY: "1",
        HTTP_PROXY: `http://user:secret@127.0.0.1:${portOf(proxy)}`,
        OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
        OPENROUTER_BASE_URL: "http://models.example.test/api/v1",
        LLM_MAX_RETRIES: "1",
        LOG_LEVEL: "silent",
      },
    },
  ).finally(() => proxy.close());
  return { results: JSON.parse(stdout) as readonly unknown[], connects };
}

test("calls and streams go through the proxy of HTTP_PROXY", async () => {
  const { results, connects } = await callThrough((socket) => {
    const upstream = connect(portOf(models), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
  });
  expect(results).toEqual([completion().choices[0]?.message.content, "Hello"]);
  expect(connects[0]).toEqual(["models.example.test:80", expect.stringMatching(/^Basic /)]);
});

test.each([403, 407, 502])(
  "a proxy that refuses with HTTP %i is a failed connection, which is tried again",
  async (status) => {
    const { results, connects } = await callThrough((socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    });
    expect(connects).toHaveLength(4);
    const failed = { kind: "connection_error", message: expect.stringContaining(`HTTP ${status}`) };
    const attempts = [{ error: failed }, { error: failed }];
    for (const result of results) {
      expect(result).toMatchObject({ attempts });
      const { message } = result as Error;
      expect(message).toContain(`The proxy refused the connection with HTTP ${status}`);
      expect(message).toContain("HTTP_PROXY is set: if the request goes through this proxy");
      expect(message).not.toContain("secret");
    }
  },
);
