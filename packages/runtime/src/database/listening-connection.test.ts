import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { Client } from "pg";
import { describe, expect, inject, test } from "vitest";
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

describe("a connection that listens", () => {
  test("is one again after an outage, and tries no more often than its backoff says", async () => {
    await using gate = await startGate();
    const ears = new ListeningConnection(() => new Client({ connectionString: gate.url }));
    const heard: string[] = [];
    let reconnects = 0;
    await ears.listen(
      "gate",
      (payload) => heard.push(payload),
      () => (reconnects += 1),
    );
    const startedAt = performance.now();
    gate.close();
    await expect.poll(() => gate.refused).toBeGreaterThanOrEqual(6);
    // Six waits of at least half of 50, 100, 200, 400 and 800 ms lie between them.
    expect(performance.now() - startedAt).toBeGreaterThan(700);
    gate.open();
    await expect.poll(() => reconnects).toBe(1);
    expect(gate.connections).toBe(1);
    await ears.close();
  });

  test("comes about later where nobody answers at first", async () => {
    await using gate = await startGate();
    gate.close();
    const ears = new ListeningConnection(() => new Client({ connectionString: gate.url }));
    let reconnects = 0;
    const listening = ears.listen(
      "gate",
      () => undefined,
      () => (reconnects += 1),
    );
    await expect(listening).rejects.toThrow(/ECONNRESET|terminated/);
    gate.open();
    await expect.poll(() => reconnects).toBe(1);
    expect(gate.connections).toBe(1);
    await ears.close();
  });
});
