import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
import { openOnServer } from "../test-support/databases.ts";
import { startSilentProxy } from "../test-support/silent-proxy.ts";
import { ListeningConnection } from "./listening-connection.ts";

/** A way to the server that can be closed for a while. */
async function startGate() {
  const server = new URL(inject("databaseUrl"));
  const open = new Set<Socket>();
  let isClosed = false;
  let refused = 0;
  const gate = createServer((socket) => {
    if (isClosed) {
      refused += 1;
      socket.resetAndDestroy();
      return;
    }
    const further = connect(Number(server.port), server.hostname);
    for (const end of [socket, further]) {
      open.add(end);
      end.on("error", () => undefined);
      end.on("close", () => {
        open.delete(end);
        socket.destroy();
        further.destroy();
      });
    }
    socket.pipe(further).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(gate, "listening");
  const url = new URL(server);
  url.port = String((gate.address() as AddressInfo).port);
  return {
    url: url.href,
    /** Connections through it. */
    get connections() {
      return open.size / 2;
    },
    /** Connections that it has turned away. */
    get refused() {
      return refused;
    },
    close() {
      isClosed = true;
      for (const socket of open) socket.destroy();
    },
    open() {
      isClosed = false;
    },
    async [Symbol.asyncDispose]() {
      gate.close();
      for (const socket of open) socket.destroy();
      await once(gate, "close");
    },
  };
}

/** Its next query fails soon, where it is not answered. */
function waitNoMore(client: object | undefined): void {
  const { connectionParameters } = client as { connectionParameters: { query_timeout: number } };
  connectionParameters.query_timeout = 1;
}

describe("a connection that listens", () => {
  test("listens again after an outage, and reconnects at the intervals of its backoff", async () => {
    await using gate = await startGate();
    const connection = new ListeningConnection(() => new Client({ connectionString: gate.url }));
    const received: string[] = [];
    let reconnects = 0;
    const { begun } = connection.listen(
      "gate",
      (payload) => received.push(payload),
      () => (reconnects += 1),
    );
    await begun;
    const startedAt = performance.now();
    gate.close();
    await expect.poll(() => gate.refused).toBeGreaterThanOrEqual(6);
    // Six waits of at least half of 50, 100, 200, 400 and 800 ms lie between them.
    expect(performance.now() - startedAt).toBeGreaterThan(700);
    gate.open();
    await expect.poll(() => reconnects).toBe(1);
    expect(gate.connections).toBe(1);
    await connection.close();
  });

  test("is made later where the server does not answer at first", async () => {
    await using gate = await startGate();
    gate.close();
    const connection = new ListeningConnection(() => new Client({ connectionString: gate.url }));
    let reconnects = 0;
    const { begun } = connection.listen(
      "gate",
      () => undefined,
      () => (reconnects += 1),
    );
    await expect(begun).rejects.toThrow(/ECONNRESET|terminated/);
    gate.open();
    await expect.poll(() => reconnects).toBe(1);
    expect(gate.connections).toBe(1);
    await connection.close();
  });

  test("is given up with its last subscription while the server does not answer, and is made for the next", async () => {
    await using proxy = await startSilentProxy(inject("databaseUrl"));
    const clients: Client[] = [];
    const connection = new ListeningConnection(() => {
      const client = new Client({ connectionString: proxy.url, query_timeout: 120_000 });
      clients.push(client);
      return client;
    });
    const received: string[] = [];
    const first = connection.listen("proxy", () => received.push("first"));
    await first.begun;
    proxy.silenceNew();
    proxy.silenceOpen();
    waitNoMore(clients[0]);
    await connection.check();
    // The connection was replaced by one that never answers, nor ends by itself.
    await expect.poll(() => proxy.swallowed).toBe(1);
    const second = connection.listen("proxy", () => received.push("second"));
    await Promise.all([first[Symbol.asyncDispose](), second[Symbol.asyncDispose]()]);
    await expect(second.begun).rejects.toThrow("No one listens any more");

    proxy.admitNew();
    const third = connection.listen("proxy", (payload) => received.push(payload));
    await third.begun;
    expect(proxy.connections).toBe(1);
    await using direct = await openOnServer();
    await direct.notify("proxy", "hello");
    await expect.poll(() => received).toEqual(["hello"]);
    await connection.close();
    await expect(connection.listen("proxy", () => undefined).begun).rejects.toThrow("closed");
    await expect.poll(() => proxy.connections).toBe(0);
  });
});
