import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { assert, asyncProperty, infiniteStream, integer } from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunEvent } from "@orchestra/runtime";
import { holdReads, openOnServer, question } from "@orchestra/runtime/test-support";
import { follow, textsOf } from "../test-support/follow.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";

let t: RunServer;

beforeAll(async () => {
  t = await startRunServer({ database: await openOnServer() });
  await t.work();
});
afterAll(() => t[Symbol.asyncDispose]());

const startRun = async () => (await t.runtime.start("answer", question)).id;

test("a follower gets the events of a run until its end, and then the stream ends", async () => {
  const id = await startRun();
  const { response, events } = await follow(t.url, id);
  expect(response.headers.get("content-type")).toMatch("text/event-stream");
  const types: string[] = [];
  for await (const { event } of events) types.push(event.type);
  expect(types[0]).toBe("run-queued");
  expect(types).toContain("text-delta");
  expect(types.at(-1)).toBe("run-end");
});

test("a client that reconnects after the end, with all events, gets 204", async () => {
  const id = await startRun();
  const { lastEvent } = await t.runtime.wait(id);
  const { response } = await follow(t.url, id, String(lastEvent));
  expect(response.status).toBe(204);
  const { events } = await follow(t.url, id, String(lastEvent - 1));
  const left = await Array.fromAsync(events);
  expect(left.map(({ event }) => event.type)).toEqual(["run-end"]);
});

test("a client that cannot send headers has its position in the query, in any place", async () => {
  const id = await startRun();
  const { lastEvent } = await t.runtime.wait(id);
  for (const query of [`after=${lastEvent}`, `page=a?b&after=${lastEvent}`]) {
    expect((await t.get(`/runs/${id}/events?${query}`)).status).toBe(204);
  }
});

test("a HEAD request ends at once, also where the run has not ended", async () => {
  await using idle = await startRunServer({ database: await openOnServer() });
  const { id } = await idle.runtime.start("answer", question);
  const { port } = new URL(idle.url);
  // A client of its own: fetch() does not wait for the end of an answer to HEAD.
  const socket = connect(Number(port), "127.0.0.1");
  socket.write(
    `HEAD /v1/runs/${id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`,
  );
  const answer = await text(socket);
  expect(answer).toMatch(/^HTTP\/1.1 200 [^]*text\/event-stream/);
});

test("a position that is none is refused before the stream begins", async () => {
  const { response } = await follow(t.url, await startRun(), "12~not-a-cursor");
  expect(response.status).toBe(400);
});

test("a follower that reconnects at random misses and doubles nothing", async () => {
  await assert(
    asyncProperty(infiniteStream(integer({ min: 1, max: 12 })), async (pieces) => {
      const id = await startRun();
      const seen: RunEvent[] = [];
      let last: string | undefined;
      for (let isOver = false; !isOver;) {
        const { response, events } = await follow(t.url, id, last);
        isOver = response.status === 204;
        let left = Number(pieces.next().value);
        for await (const { id: cursor, event } of events) {
          seen.push(event);
          last = cursor;
          left -= 1;
          if (left === 0) break;
        }
      }
      const stored = await Array.fromAsync(t.runtime.events(id));
      const numbers = seen.flatMap(({ number }) => number ?? []);
      expect(numbers).toEqual(stored.map(({ number }) => number));
      expect(textsOf(seen)).toEqual(textsOf(stored));
    }),
    { numRuns: 4 },
  );
});

test("a server that stops sends its followers away at once", async () => {
  await using paused = await startRunServer({ database: await openOnServer() });
  const { id } = await paused.runtime.start("answer", question);
  const { events } = await follow(paused.url, id);
  const first = await events.next();
  expect(first.value?.event.type).toBe("run-queued");
  const ending = events.next();
  await paused.server.close({ graceMs: 600_000 });
  expect(await ending).toMatchObject({ done: true });
});

test("a server that stops while it looks a run up for a follower does not wait for the follower", async () => {
  const database = await openOnServer();
  await using paused = await startRunServer({ database });
  const { id } = await paused.runtime.start("answer", question);
  using reads = holdReads(database);
  const following = follow(paused.url, id);
  await reads.begun;
  const closing = paused.server.close({ graceMs: 600_000 });
  reads.release();
  const { events } = await following;
  expect(await events.next()).toMatchObject({ done: true });
  await closing;
});
