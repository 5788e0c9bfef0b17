import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, expect, test } from "vitest";
import { read } from "./__fixtures__/api-error.ts";
import { classify } from "./index.ts";

/** A server on loopback that is closed at the end of the block. */
async function listen(server: Server = createServer()) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const thrown = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("The work did not fail");
};

describe("what a socket does", () => {
  test("refused", async () => {
    let url = "";
    {
      await using server = await listen();
      url = server.url;
    }
    const error = await thrown(fetch(url));
    expect(read(error)).toMatchObject({
      kind: "connection_error",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("refused at every address of a name", async () => {
    let port = 0;
    {
      await using server = await listen();
      port = server.port;
    }
    const { kind, message } = read(await thrown(fetch(`http://localhost:${port}/`)));
    expect(kind).toBe("connection_error");
    expect(message).toContain("ECONNREFUSED");
  });

  test("closed before an answer", async () => {
    await using server = await listen(createServer((request) => request.socket.destroy()));
    expect(classify(await thrown(fetch(server.url)))).toBe("connection_error");
  });

  test("reset in the middle of an answer", async () => {
    await using server = await listen(
      createServer((_request, response) => {
        response.writeHead(200, { "content-length": "1000" });
        response.write("{", () => response.socket?.resetAndDestroy());
      }),
    );
    const work = fetch(server.url).then((response) => response.json());
    expect(classify(await thrown(work))).toBe("connection_error");
  });

  test("an answer that is not HTTP", async () => {
    const server = createTcpServer((socket) => {
      socket.end("SSH-2.0-OpenSSH_9.6\r\n");
      socket.on("error", () => undefined);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const error = await thrown(fetch(`http://127.0.0.1:${port}/`));
    server.close();
    expect(classify(error)).toBe("connection_error");
  });

  test("TLS spoken to a server that does not", async () => {
    await using server = await listen();
    const error = await thrown(fetch(server.url.replace("http:", "https:")));
    expect(classify(error)).toBe("connection_error");
  });

  test("an answer that is not JSON", async () => {
    await using server = await listen(createServer((_request, response) => response.end("<html>")));
    const work = fetch(server.url).then((response) => response.json());
    expect(read(await thrown(work))).toMatchObject({
      kind: "invalid_response_error",
      reason: "malformed",
    });
  });

  test("no answer in time", async () => {
    await using server = await listen();
    const error = await thrown(fetch(server.url, { signal: AbortSignal.timeout(20) }));
    expect(classify(error)).toBe("timeout_error");
  });

  test("left by the caller", async () => {
    await using server = await listen();
    const caller = new AbortController();
    const work = thrown(fetch(server.url, { signal: caller.signal }));
    caller.abort();
    expect(classify(await work)).toBe("aborted");
  });

  test.each([
    ["ENOTFOUND", "connection_error"],
    ["EAI_AGAIN", "connection_error"],
    ["ECONNRESET", "connection_error"],
    ["EPIPE", "connection_error"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "connection_error"],
    ["CERT_HAS_EXPIRED", "connection_error"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "connection_error"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "connection_error"],
    ["HPE_INVALID_CONSTANT", "connection_error"],
    ["UND_ERR_SOCKET", "connection_error"],
    ["ETIMEDOUT", "timeout_error"],
    ["UND_ERR_CONNECT_TIMEOUT", "timeout_error"],
    ["UND_ERR_HEADERS_TIMEOUT", "timeout_error"],
    ["UND_ERR_BODY_TIMEOUT", "timeout_error"],
    ["ENOENT", "unknown_error"],
    ["constructor", "unknown_error"],
  ] as const)("code %s is a %s, bare or as a cause", (code, kind) => {
    const bare = Object.assign(new Error(`it failed with ${code}`), { code });
    expect(classify(bare)).toBe(kind);
    expect(classify(new Error("outer", { cause: bare }))).toBe(kind);
    expect(classify(new AggregateError([new Error("other"), bare]))).toBe(kind);
  });

  test("a connection error without a code", () => {
    expect(classify(new TypeError("terminated"))).toBe("connection_error");
    expect(classify(new TypeError("fetch failed"))).toBe("connection_error");
    expect(classify(new TypeError("x is not a function"))).toBe("unknown_error");
  });
});
