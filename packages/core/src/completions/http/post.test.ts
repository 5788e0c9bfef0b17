import { getEventListeners, once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createRawServer, type AddressInfo } from "node:net";
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher, type Dispatcher } from "undici";
import { describe, expect, test } from "vitest";
import { ModelError } from "../../errors/model-error.ts";
import { failureOf, transports } from "../__fixtures__/exchange.ts";
import { defaultLimits } from "../limits.ts";
import type { HttpResponse } from "./http.ts";
import { continuing } from "./post-by-node.ts";
import { post } from "./post.ts";
import { readErrorText } from "./read-body.ts";

async function serve(listener: RequestListener) {
  const server: Server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    onConnection: (listener: () => void) => void server.on("connection", listener),
    connections: () =>
      new Promise<number>((resolve) => {
        server.getConnections((_, count) => resolve(count));
      }),
    async [Symbol.asyncDispose]() {
      // Another server may get the port.
      continuing.delete(`http://127.0.0.1:${port}`);
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readText({ packets }: HttpResponse): Promise<string> {
  const read: Uint8Array[] = [];
  for (let packet = await packets.read(); packet; packet = await packets.read()) read.push(packet);
  return Buffer.concat(read).toString();
}

const never = () => new AbortController().signal;

const byNode = "Node.js itself";

describe.each([...transports, [byNode, undefined] as const])("post by %s", (name, send) => {
  const start = async (listener: RequestListener) => {
    const server = await serve(listener);
    if (name === byNode) continuing.add(server.url);
    return server;
  };

  test("sends the body and all headers, and reads the response", async () => {
    await using server = await start((request, response) => {
      response.writeHead(201, { "X-Generation-Id": "gen-1" });
      const { method, url, headers } = request;
      response.write(JSON.stringify([method, url, headers["x-always"], headers["x-once"]]));
      request.pipe(response);
    });
    const endpoint = {
      url: `${server.url}/path?a=b`,
      headers: { "x-always": "1", "x-once": "0" },
      fetch: send,
    };
    const response = await post(endpoint, "äöü", { "x-once": "2" }, never());
    expect(response.status).toBe(201);
    expect(response.header("x-generation-id")).toBe("gen-1");
    expect(response.header("x-none")).toBeUndefined();
    expect(await readText(response)).toBe('["POST","/path?a=b","1","2"]äöü');
    expect(await response.packets.read()).toBeUndefined();
  });

  test("sends the endpoint's headers where the request has none", async () => {
    await using server = await start((request, response) => {
      response.end(request.headers["x-always"]);
    });
    const endpoint = { url: server.url, headers: { "x-always": "1" }, fetch: send };
    expect(await readText(await post(endpoint, "{}", undefined, never()))).toBe("1");
  });

  test.each([301, 302, 303, 307, 308])("does not follow a %i", async (status) => {
    const paths: (string | undefined)[] = [];
    await using server = await start((request, response) => {
      paths.push(request.url);
      response.writeHead(status, { location: "https://other.example/new?key=1" }).end("moved");
    });
    const endpoint = { url: `${server.url}/old`, headers: {}, fetch: send };
    const error = await failureOf(post(endpoint, "{}", undefined, never()));
    expect(error.details).toEqual({ kind: "invalid_response_error", reason: "redirect", status });
    expect(error.message).toContain("redirects to https://other.example (");
    expect(paths).toEqual(["/old"]);
  });

  test("takes a 304 for an answer without content, and does not quote the query", async () => {
    await using server = await start((_request, response) => void response.writeHead(304).end());
    const endpoint = { url: `${server.url}/v1?key=secret`, headers: {}, fetch: send };
    const error = await failureOf(post(endpoint, "{}", undefined, never()));
    expect(error.details).toMatchObject({ kind: "invalid_response_error", reason: "empty" });
    expect(error.message).toContain(`304 Not Modified instead of an answer (${server.url}/v1)`);
  });

  test("names a redirect without a target", async () => {
    await using server = await start((_request, response) => void response.writeHead(307).end());
    const endpoint = { url: server.url, headers: {}, fetch: send };
    const error = await failureOf(post(endpoint, "{}", undefined, never()));
    expect(error.message).toContain("an address that it does not name");
  });

  test("ends with the signal's reason, before the response and in the middle of it", async () => {
    const arrived = Promise.withResolvers<void>();
    await using server = await start((request, response) => {
      request.resume();
      if (request.url === "/begun") response.writeHead(200).write("a part");
      else arrived.resolve();
    });
    const reason = new Error("enough");
    const silent = new AbortController();
    const endpoint = { url: `${server.url}/silent`, headers: {}, fetch: send };
    const waiting = failureOf(post(endpoint, "{}", undefined, silent.signal));
    await arrived.promise;
    silent.abort(reason);
    const error = await waiting;
    expect([error.kind, error.cause]).toEqual(["aborted", reason]);

    const begun = new AbortController();
    const open = { ...endpoint, url: `${server.url}/begun` };
    const { packets } = await post(open, "{}", undefined, begun.signal);
    expect(Buffer.from((await packets.read()) ?? []).toString()).toBe("a part");
    const next = packets.read();
    begun.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect(packets.read()).rejects.toBe(reason);
  });

  test("sends nothing after an abort", async () => {
    let connections = 0;
    await using server = await start((_request, response) => void response.end("{}"));
    server.onConnection(() => (connections += 1));
    const reason = new Error("enough");
    const endpoint = { url: server.url, headers: {}, fetch: send };
    const error = await failureOf(post(endpoint, "{}", undefined, AbortSignal.abort(reason)));
    expect([error.kind, error.cause, connections]).toEqual(["aborted", reason, 0]);
  });

  test("joins the values of headers with the same name", async () => {
    await using server = await start((_request, response) => {
      response.setHeader("X-Twice", ["a", "b"]).end("{}");
    });
    const endpoint = { url: server.url, headers: {}, fetch: send };
    const { header } = await post(endpoint, "{}", undefined, never());
    expect([header("x-twice")?.replace(" ", ""), header("x-other")]).toEqual(["a,b", undefined]);
  });

  test("closes the connection when the reading is cancelled", async () => {
    const closed = Promise.withResolvers<void>();
    await using server = await start((_request, response) => {
      response.on("close", () => closed.resolve());
      response.writeHead(200).write("a part");
    });
    const endpoint = { url: server.url, headers: {}, fetch: send };
    const { packets } = await post(endpoint, "{}", undefined, never());
    await packets.read();
    // The read that is in progress ends; whether with an error depends on the transport.
    const next = packets.read().catch(() => undefined);
    await packets.cancel();
    expect(await next).toBeUndefined();
    await closed.promise;
  });

  test("gives a connection error where no server listens", async () => {
    const server = await start(() => undefined);
    await server[Symbol.asyncDispose]();
    const endpoint = { url: server.url, headers: {}, fetch: send };
    const error = await failureOf(post(endpoint, "{}", undefined, never()));
    expect(error.kind).toBe("connection_error");
  });
});

test("a fetch that follows a redirect leaves no listener on the signal", async () => {
  await using server = await serve((request, response) => {
    if (request.url === "/new") response.end("moved");
    else response.writeHead(307, { location: "/new" }).end();
  });
  const caller = new AbortController();
  const follow: typeof fetch = (url, init) => fetch(url, { ...init, redirect: "follow" });
  const endpoint = { url: `${server.url}/old`, headers: {}, fetch: follow };
  const error = await failureOf(post(endpoint, "{}", undefined, caller.signal));
  expect(error.details.reason).toBe("redirect");
  expect(getEventListeners(caller.signal, "abort")).toEqual([]);
});

test.each([0, 1, 2, 3, 4, 5])(
  "a response is closed by an abort %i microtasks after it",
  async (count) => {
    const cancelled = Promise.withResolvers<void>();
    const caller = new AbortController();
    const abortAfter = (left: number): void => {
      if (left > 0) queueMicrotask(() => abortAfter(left - 1));
      else caller.abort();
    };
    const send = async () => {
      queueMicrotask(() => abortAfter(count));
      return new Response(new ReadableStream({ cancel: () => cancelled.resolve() }));
    };
    const endpoint = { url: "http://a.test", headers: {}, fetch: send };
    await Promise.allSettled([post(endpoint, "{}", undefined, caller.signal), cancelled.promise]);
    expect(caller.signal.aborted).toBe(true);
  },
);

test("an unknown error of a fetch becomes a connection error", async () => {
  const cause = new Error("no such thing");
  const endpoint = { url: "http://a.test", headers: {}, fetch: () => Promise.reject(cause) };
  const error = await failureOf(post(endpoint, "{}", undefined, never()));
  expect([error.kind, error.message, error.cause]).toEqual([
    "connection_error",
    "no such thing",
    cause,
  ]);
});

test("a response that arrives after the abort is closed", async () => {
  const response = Promise.withResolvers<Response>();
  const cancelled = Promise.withResolvers<void>();
  const caller = new AbortController();
  const endpoint = { url: "http://a.test", headers: {}, fetch: () => response.promise };
  const posting = failureOf(post(endpoint, "{}", undefined, caller.signal));
  caller.abort();
  expect((await posting).kind).toBe("aborted");
  response.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
  await cancelled.promise;
});

describe("the dispatcher that is set for the process, such as a proxy", () => {
  const agent = new MockAgent();
  agent.disableNetConnect();

  test.each([
    ["undici's", agent],
    [
      "one with dispatch() alone",
      { dispatch: agent.dispatch.bind(agent) } as unknown as Dispatcher,
    ],
  ])("is used: %s", async (_, dispatcher) => {
    const intercepted = { path: "/path?a=b", method: "POST", body: "{}" };
    agent.get("http://elsewhere.test").intercept(intercepted).reply(200, "proxied");
    const before = getGlobalDispatcher();
    setGlobalDispatcher(dispatcher);
    try {
      const endpoint = { url: "http://elsewhere.test/path?a=b", headers: {} };
      expect(await readText(await post(endpoint, "{}", undefined, never()))).toBe("proxied");
    } finally {
      setGlobalDispatcher(before);
    }
  });
});

test("a dispatcher that throws gives a connection error, and leaves nothing to a later abort", async () => {
  const cause = new Error("not with me");
  const dispatch = () => {
    throw cause;
  };
  const before = getGlobalDispatcher();
  setGlobalDispatcher({ dispatch } as unknown as Dispatcher);
  try {
    const caller = new AbortController();
    const endpoint = { url: "http://elsewhere.test/", headers: {} };
    const error = await failureOf(post(endpoint, "{}", undefined, caller.signal));
    expect([error.kind, error.cause]).toEqual(["connection_error", cause]);
    expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  } finally {
    setGlobalDispatcher(before);
  }
});

test("an answer in packets of one byte waits in few packets for its reader", async () => {
  const bytes = 200_000;
  const closed = Promise.withResolvers<void>();
  const server = createRawServer((socket) => {
    socket.on("error", () => undefined).on("close", () => closed.resolve());
    socket.once("data", () => {
      socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
      socket.end(`${"1\r\nx\r\n".repeat(bytes)}0\r\n\r\n`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = { url: `http://127.0.0.1:${port}`, headers: {} };
  const { packets } = await post(endpoint, "{}", undefined, never());
  await closed.promise;
  const sizes: number[] = [];
  for (let packet = await packets.read(); packet; packet = await packets.read()) {
    sizes.push(packet.byteLength);
  }
  expect(sizes.length).toBeLessThan(bytes / 1000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
  server.close();
  await once(server, "close");
});

test("connections are used again after bodies that were read to their end", async () => {
  await using server = await serve((_request, response) => void response.end("{}"));
  for (let count = 0; count < 6; count += 1) {
    await readText(await post({ url: server.url, headers: {} }, "{}", undefined, never()));
  }
  expect(await server.connections()).toBeLessThan(3);
});

describe("readErrorText", () => {
  const responseOf = (read: () => Promise<Uint8Array | undefined>) => {
    const response = { cancelled: 0 };
    const packets = { read, cancel: async () => void (response.cancelled += 1) };
    return Object.assign(response, { status: 500, header: () => undefined, packets });
  };

  test("reads the whole body, characters over packets included", async () => {
    const bytes = Buffer.from("Überlastet");
    const packets = [bytes.subarray(0, 1), bytes.subarray(1)];
    const response = responseOf(async () => packets.shift());
    expect(await readErrorText(response, defaultLimits.error)).toBe("Überlastet");
    expect(response.cancelled).toBe(0);
  });

  test("stops above the limit", async () => {
    const response = responseOf(async () => Buffer.alloc(100_000, "x"));
    expect((await readErrorText(response, 1000)).length).toBe(1000);
    expect(response.cancelled).toBe(1);
  });

  test("keeps what came before a cut", async () => {
    const packets = [Buffer.from("Overl")];
    const response = responseOf(async () => {
      const packet = packets.shift();
      if (!packet) throw new ModelError("cut", { kind: "connection_error" });
      return packet;
    });
    expect(await readErrorText(response, defaultLimits.error)).toBe("Overl");
    expect(response.cancelled).toBe(1);
  });
});

describe("a server that closes its connection before its answer is read", () => {
  /** A server that sends bytes as one answer to each connection, and closes it. */
  async function serveBytes(bytes: number) {
    const closed = Promise.withResolvers<void>();
    const server = createRawServer((socket) => {
      socket.on("error", () => undefined).on("close", () => closed.resolve());
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n");
        socket.end(Buffer.alloc(bytes, 0x61));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}`,
      closed: closed.promise,
      async [Symbol.asyncDispose]() {
        server.close();
        await once(server, "close");
      },
    };
  }

  test("does not end the process, and its answer is whole", async () => {
    await using server = await serveBytes(2 ** 20);
    const response = await post({ url: server.url, headers: {} }, "{}", undefined, never());
    await server.closed;
    expect(await readText(response)).toHaveLength(2 ** 20);
  });

  test("fills no more of the memory than an answer may have", async () => {
    await using server = await serveBytes(2 ** 22);
    const limits = { ...defaultLimits, answer: 2 ** 20 };
    const endpoint = { url: server.url, headers: {}, limits };
    const response = await post(endpoint, "{}", undefined, never());
    await server.closed;
    await expect(readText(response)).rejects.toMatchObject({ details: { reason: "too_large" } });
  });
});
