import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { EventStream } from "./event-stream.ts";

test("an event after the end is left out, and is not an error", async () => {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const answer = fetch(`http://127.0.0.1:${port}`);
  const [, outgoing] = (await once(server, "request")) as [unknown, ServerResponse];
  const errors: unknown[] = [];
  outgoing.on("error", (error) => errors.push(error));
  const { signal } = new AbortController();
  const stream = new EventStream(outgoing, { signal, readerTimeoutMs: 1000, keepAliveMs: 1000 });
  await stream.send({ event: "first", data: 1 });
  stream[Symbol.dispose]();
  const late = stream
    .send({ event: "late", data: 2 })
    .catch((error: unknown) => errors.push(error));
  expect(await (await answer).text()).toBe("retry: 1000\n\nevent: first\ndata: 1\n\n");
  server.closeAllConnections();
  server.close();
  await late;
  expect(errors).toEqual([]);
});
