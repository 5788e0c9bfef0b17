import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { getGlobalDispatcher, setGlobalDispatcher, type Agent } from "undici";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../clock/index.ts";
import { chunk, completion, done, usage, usageChunk } from "../__fixtures__/completions.ts";
import { failureOf, readAll, request, start, textOf } from "../__fixtures__/exchange.ts";
import { sendEvents, sendJson } from "../__fixtures__/loopback.ts";
import { openStream } from "../open-stream.ts";
import { continuing } from "../http/post-by-node.ts";
import { sendCompletion, type SendOptions } from "../send.ts";

const senders = ["undici", "Node.js itself"] as const;

/** A server that answers each request with bytes; Node.js sends them after a `100 Continue`. */
async function serveBytes(
  answer: (socket: Socket) => void,
  sender: (typeof senders)[number] = "undici",
) {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
    let received = "";
    socket.on("data", (data) => {
      received += data.toString();
      const end = received.indexOf("\r\n\r\n");
      const length = Number(/content-length: *(\d+)/i.exec(received)?.[1]);
      if (end < 0 || received.length < end + 4 + length) return;
      received = "";
      requests += 1;
      if (sender === "undici" || requests > 2) answer(socket);
      else socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  // Another server may have had the port.
  continuing.delete(origin);
  const endpoint = { url: `${origin}/chat/completions`, headers: {} };
  const options = (): SendOptions => ({
    request,
    signal: new AbortController().signal,
    clock: systemClock,
    streamUpstream: false,
  });
  if (sender !== "undici") await sendCompletion(endpoint, options());
  return {
    requests: () => requests,
    whole: () => sendCompletion(endpoint, options()),
    live: () => openStream(endpoint, options()),
    atAnotherPath: () => sendCompletion({ ...endpoint, url: `${origin}/other` }, options()),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const document = JSON.stringify(completion());
const ways = ["whole", "live"] as const;
const headersOf = (length = document.length) =>
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n`;
const ok = `${headersOf()}\r\n${document}`;

describe("an interim response", () => {
  test.each([
    ["100 Continue", "HTTP/1.1 100 Continue\r\n\r\n"],
    ["103 Early Hints", "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"],
    ["both", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"],
    ["many", "HTTP/1.1 102 Processing\r\n\r\n".repeat(50)],
  ])("such as %s is passed over", async (_, interim) => {
    await using server = await serveBytes((socket) => socket.write(interim + ok));
    expect((await server.whole()).completion.choices[0]?.message.content).toBe("Hello there");
    expect(textOf(await readAll(await server.live()))).toBe("Hello there");
    // The request that undici gave up was sent again, once for the server.
    expect(server.requests()).toBe(interim.includes("100") ? 3 : 2);
  });

  test("such as 100 Continue is learned once for all paths of a server", async () => {
    const answer = `HTTP/1.1 100 Continue\r\n\r\n${ok}`;
    await using server = await serveBytes((socket) => socket.write(answer), "Node.js itself");
    const before = server.requests();
    await server.atAnotherPath();
    expect(server.requests() - before).toBe(1);
  });

  test("before an answer that is cut hides nothing of it", async () => {
    await using server = await serveBytes((socket) => {
      socket.end(`HTTP/1.1 100 Continue\r\n\r\n${headersOf()}\r\n${document.slice(0, 9)}`);
    });
    expect(await failureOf(server.whole())).toMatchObject({ kind: "connection_error" });
  });

  test("is an error with its reason if a proxy is set, because all requests use the proxy", async () => {
    await using server = await serveBytes((socket) =>
      socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`),
    );
    const before = getGlobalDispatcher();
    class OwnDispatcher extends (before.constructor as typeof Agent) {}
    setGlobalDispatcher(new OwnDispatcher());
    try {
      const failure = await failureOf(server.whole());
      expect(failure).toMatchObject({
        kind: "connection_error",
        message: "The server sent 100 Continue, which was not requested",
      });
      expect(server.requests()).toBe(1);
    } finally {
      setGlobalDispatcher(before);
    }
  });
});

describe.each(senders)("to %s, an answer that is not HTTP has its reason:", (sender) => {
  test.each([
    [
      "another length",
      `${headersOf(document.length)}Content-Length: 5\r\n\r\n${document}`,
      "length",
    ],
    [
      "two lengths",
      `${headersOf()}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
      "length",
    ],
    [
      "large headers",
      `${headersOf()}X-Big: ${"a".repeat(100_000)}\r\n\r\n${document}`,
      "too large",
    ],
    ["another protocol", "SSH-2.0-OpenSSH\r\n", "does not speak http"],
    [
      "an upgrade",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h\r\nConnection: Upgrade\r\n\r\n",
      "another protocol",
    ],
  ])("%s", async (_, bytes, words) => {
    await using server = await serveBytes((socket) => socket.end(bytes), sender);
    for (const way of ways) {
      const failure = await failureOf(server[way]());
      expect(failure.kind).toBe("connection_error");
      expect(failure.message.toLowerCase()).toContain(words);
    }
  });

  test("a connection that is closed too early", async () => {
    await using server = await serveBytes(
      (socket) => socket.end(`${headersOf(9999)}\r\n${document}`),
      sender,
    );
    const failure = await failureOf(server.whole());
    expect(failure.kind).toBe("connection_error");
    expect(failure.message).toBe("The server closed the connection before its answer ended");
  });

  test.each([
    ["nothing", ""],
    ["half of its headers", headersOf()],
  ])("a connection that is closed after %s", async (_, bytes) => {
    for (const close of ["end", "destroySoon"] as const) {
      await using server = await serveBytes((socket) => {
        socket.write(bytes);
        socket[close]();
      }, sender);
      for (const way of ways) {
        expect(await failureOf(server[way]())).toMatchObject({ kind: "connection_error" });
      }
    }
  });
});

describe("a document that is cut off is an error:", () => {
  const cuts = [1, 30, document.indexOf("Hello") + 3, document.length - 30, document.length - 1];

  test.each(cuts)("after %i bytes", async (bytes) => {
    const body = document.slice(0, bytes);
    await using server = await serveBytes((socket) => socket.end(`${headersOf(bytes)}\r\n${body}`));
    for (const way of ways) {
      expect(await failureOf(server[way]())).toMatchObject({
        message: `The answer was cut after ${bytes} bytes`,
        details: { reason: "interrupted" },
      });
    }
  });

  test("but not one that is broken", async () => {
    const body = document.replace('"choices":', '"choices"=');
    await using server = await serveBytes((socket) => socket.end(`${headersOf()}\r\n${body}`));
    const failure = await failureOf(server.whole());
    expect(failure.message).toContain("is not a JSON object");
  });
});

describe("usage after [DONE]", () => {
  const answer = [chunk({ content: "Hello there" }), chunk({}, "stop")];

  test.each(ways)("in the same packet is read, %s", async (way) => {
    const events = [...answer, usageChunk].map((event) => `data: ${JSON.stringify(event)}\n\n`);
    const body = `${events.slice(0, 2).join("")}${done}data: nonsense\n\n${events[2]}`;
    await using exchange = await start((response) => response.end(body), { streamUpstream: true });
    const stream = way === "live" ? await exchange.live() : undefined;
    if (stream) await readAll(stream);
    const { metadata } = stream ?? (await exchange.whole());
    expect(metadata.usage).toEqual(usage);
  });

  test.each(ways)("in a later packet is promised, %s", async (way) => {
    const later = Promise.withResolvers<() => void>();
    await using exchange = await start(
      (response) => {
        sendEvents(response, [...answer, done]);
        later.resolve(() => response.end(`data: ${JSON.stringify(usageChunk)}\n\n`));
      },
      { streamUpstream: true },
    );
    const stream = way === "live" ? await exchange.live() : undefined;
    if (stream) await readAll(stream);
    const { metadata } = stream ?? (await exchange.whole());
    expect(metadata.usage).toBeUndefined();
    (await later.promise)();
    expect(await metadata.lateUsage).toMatchObject({ usage });
  });
});

describe("an error in a choice without a message", () => {
  const error = { code: 502, message: "The provider is down" };

  test.each(ways)("of a document is that error, %s", async (way) => {
    await using exchange = await start((response) => {
      sendJson(response, { ...completion(), choices: [{ index: 0, error }] });
    });
    const failure = await failureOf(exchange[way]());
    expect(failure).toMatchObject({ kind: "service_error", message: "The provider is down" });
  });

  test.each(ways)("of a stream is that error, %s", async (way) => {
    await using exchange = await start(
      (response) => {
        sendEvents(response, [chunk({}, null, { choices: [{ index: 0, error }] }), done]).end();
      },
      { streamUpstream: true },
    );
    const failure = await failureOf(exchange[way]());
    expect(failure).toMatchObject({ kind: "service_error", message: "The provider is down" });
  });
});
