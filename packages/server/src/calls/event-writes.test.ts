import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { EventWrites } from "./event-writes.ts";

/** Sends what `write` writes, and returns the pieces in which it was handed to Node.js, and the answer. */
async function send(write: (writes: EventWrites) => Promise<void>) {
  const pieces: unknown[] = [];
  const server = createServer((_incoming, outgoing: ServerResponse) => {
    const node = outgoing.write.bind(outgoing);
    outgoing.write = (piece: unknown) => {
      pieces.push(piece);
      return node(piece);
    };
    void write(new EventWrites(outgoing));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const answer = await response.text();
  server.close();
  return { pieces, answer };
}

test("events of one turn of the event loop are written together, including those after promises, and none waits for the next turn", async () => {
  const { pieces, answer } = await send(async (writes) => {
    await nextTurn();
    writes.add("a");
    await Promise.resolve();
    writes.add("b");
    await nextTurn();
    writes.add("c");
    await nextTurn();
    writes.add("d");
    writes.end("e");
  });
  expect(pieces).toEqual(["ab", "c"]);
  expect(answer).toBe("abcde");
});

test("a long text does not wait for more", async () => {
  const long = "x".repeat(20_000);
  const { pieces, answer } = await send(async (writes) => {
    writes.add("a");
    writes.add(long);
    writes.add("b");
    writes.end("c");
  });
  expect(pieces).toEqual([`a${long}`]);
  expect(answer).toBe(`a${long}bc`);
});
