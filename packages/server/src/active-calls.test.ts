import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { ActiveCalls } from "./active-calls.ts";
import { connectTo } from "./test-support/client.ts";

/** A server that has got a request, and does not answer it. */
async function requested() {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const connection = connectTo(`http://127.0.0.1:${port}`);
  connection.socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const [, outgoing] = (await once(server, "request")) as [unknown, ServerResponse];
  const close = () => {
    connection.socket.destroy();
    server.close();
  };
  return { outgoing, leave: () => connection.socket.destroy(), [Symbol.dispose]: close };
}

test("a call whose client has left before it begins is not in progress", async () => {
  using client = await requested();
  const { outgoing } = client;
  client.leave();
  await once(outgoing, "close");
  const calls = new ActiveCalls();
  expect(calls.begin(outgoing).reason).toMatchObject({ code: "client_left" });
  expect(calls.follow(outgoing).aborted).toBe(true);
  expect(calls.size).toBe(0);
  await calls.idle();
});

test("what follows after the server has begun to stop ends at once", async () => {
  using client = await requested();
  const calls = new ActiveCalls();
  calls.drain();
  expect(calls.follow(client.outgoing).reason).toMatchObject({ code: "server_stops" });
  expect(calls.begin(client.outgoing).aborted).toBe(false);
});
