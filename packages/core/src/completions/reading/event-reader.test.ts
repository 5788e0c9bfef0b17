import { describe, expect, test } from "vitest";
import { FakeClock } from "../../clock/fake-clock.ts";
import { failureOf } from "../__fixtures__/exchange.ts";
import { EventReader } from "./event-reader.ts";
import type { CompletionChunk } from "../wire.ts";

type Packet = string | Uint8Array | Error;

/** Packets that are there at once; what is not a packet is thrown. */
function packetsOf(...packets: readonly Packet[]) {
  const left = packets.map((each) => (typeof each === "string" ? Buffer.from(each) : each));
  const calls = { cancelled: 0, left };
  return Object.assign(calls, {
    async read() {
      const packet = left.shift();
      if (packet instanceof Error) throw packet;
      return packet;
    },
    async cancel() {
      calls.cancelled += 1;
    },
  });
}

const readerOf = (...packets: readonly Packet[]) =>
  new EventReader(packetsOf(...packets), new FakeClock());

async function chunksOf(reader: EventReader): Promise<CompletionChunk[]> {
  expect(await reader.isJson()).toBe(false);
  const chunks: CompletionChunk[] = [];
  for (;;) {
    const batch = await reader.readChunks(false);
    if (!batch) return chunks;
    expect(batch.length).toBeGreaterThan(0);
    chunks.push(...batch);
  }
}

/** The same bytes, cut into packets of `size` bytes. */
function cut(text: string, size: number): Uint8Array[] {
  const bytes = Buffer.from(text);
  const packets: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) packets.push(bytes.subarray(at, at + size));
  return packets;
}

const a = { id: "a", text: "Grüße, 世界 👋🏽" };
const b = { id: "b", text: "two\nlines" };
const event = (value: object, newline = "\n") =>
  `data: ${JSON.stringify(value)}${newline.repeat(2)}`;

describe("the chunks of a stream", () => {
  const streams: [string, string][] = [
    ["LF", `: OPENROUTER PROCESSING\n\n${event(a)}${event(b)}data: [DONE]\n\n`],
    [
      "CRLF",
      `: OPENROUTER PROCESSING\r\n\r\n${event(a, "\r\n")}${event(b, "\r\n")}data: [DONE]\r\n\r\n`,
    ],
    ["CR", `: OPENROUTER PROCESSING\r\r${event(a, "\r")}${event(b, "\r")}data: [DONE]\r\r`],
    ["a byte order mark", `\uFEFF${event(a)}${event(b)}`],
    ["no space after the colon", `data:${JSON.stringify(a)}\n\ndata:${JSON.stringify(b)}\n\n`],
    [
      "other fields",
      `id: 1\nevent: message\nretry: 10\n${event(a)}event: message\n${event(b)}id: 2\n\n`,
    ],
    ["no empty line at the end", `${event(a)}data: ${JSON.stringify(b)}\n`],
    ["no line end at the end", `${event(a)}data: ${JSON.stringify(b)}`],
    [
      "JSON over several data lines",
      `${JSON.stringify(a, null, 2).replace(/^/gm, "data: ")}\n\n${event(b)}`,
    ],
    ["comments inside an event", `: one\ndata: ${JSON.stringify(a)}\n: two\n\n${event(b)}`],
    ["empty and null events", `data:\n\ndata: \n\n${event(a)}data: null\n\n${event(b)}`],
  ];

  test.each(streams)("with %s are read, wherever the packets are cut", async (_, text) => {
    const length = Buffer.byteLength(text);
    for (const size of [1, 2, 3, 4, 5, 7, 11, 16, 31, length]) {
      expect(await chunksOf(readerOf(...cut(text, size)))).toEqual([a, b]);
    }
    const bytes = Buffer.from(text);
    for (let at = 1; at < length; at += 1) {
      const packets = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(await chunksOf(readerOf(...packets))).toEqual([a, b]);
    }
  });

  test("are returned together if they arrived together", async () => {
    const reader = readerOf(event(a) + event(b), event(b));
    expect(await reader.isJson()).toBe(false);
    expect(await reader.readChunks(false)).toEqual([a, b]);
    expect(await reader.readChunks(false)).toEqual([b]);
    expect(await reader.readChunks(false)).toBeUndefined();
    expect(await reader.readChunks(false)).toBeUndefined();
  });

  test("end before an event that is cut off", async () => {
    expect(await chunksOf(readerOf(event(a), 'data: {"id":"b"'))).toEqual([a]);
    expect(await chunksOf(readerOf(event(a), "dat"))).toEqual([a]);
  });

  test("end at [DONE], though more follows", async () => {
    expect(await chunksOf(readerOf(event(a), `data: [DONE]\n\n${event(b)}`, event(b)))).toEqual([
      a,
    ]);
  });

  test.each(["{broken", "1", '"text"', "[]", "true", "undefined"])(
    "fail at %s, after what came before it",
    async (data) => {
      const reader = readerOf(`${event(a)}data: ${data}\n\n${event(b)}`);
      expect(await reader.isJson()).toBe(false);
      expect(await reader.readChunks(false)).toEqual([a]);
      for (let count = 0; count < 2; count += 1) {
        expect((await failureOf(reader.readChunks(false))).details).toEqual({
          kind: "invalid_response_error",
          reason: "malformed",
        });
      }
    },
  );

  test("fail with the error of the connection", async () => {
    const cause = new Error("cut");
    const reader = readerOf(event(a), cause);
    expect(await reader.isJson()).toBe(false);
    expect(await reader.readChunks(false)).toEqual([a]);
    await expect(reader.readChunks(false)).rejects.toBe(cause);
  });

  test("after the finish are waited for a second", async () => {
    const clock = new FakeClock();
    const read = () => new Promise<undefined>(() => undefined);
    const start = packetsOf(event(a));
    const packets = { ...start, read: () => (start.left.length > 0 ? start.read() : read()) };
    const reader = new EventReader(packets, clock);
    expect(await reader.isJson()).toBe(false);
    expect(await reader.readChunks(false)).toEqual([a]);
    let isOver = false;
    const last = reader.readChunks(true).finally(() => (isOver = true));
    await clock.advance(999);
    expect(isOver).toBe(false);
    await clock.advance(1);
    expect(await last).toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });
});

describe("a document", () => {
  test("is read, wherever its packets are cut", async () => {
    const text = `\n  ${JSON.stringify(a, null, 2)}\r\n`;
    for (let size = 1; size <= Buffer.byteLength(text); size += 1) {
      const reader = readerOf(...cut(text, size));
      expect(await reader.isJson()).toBe(true);
      expect(await reader.readJson()).toEqual(a);
    }
  });

  test.each(["[1]", '{"a":}', '{"a":1}}', `{"a":1}\n${event(b)}`])(
    "that is %j fails",
    async (text) => {
      const reader = readerOf(text);
      expect(await reader.isJson()).toBe(true);
      expect((await failureOf(reader.readJson())).details).toEqual({
        kind: "invalid_response_error",
        reason: "malformed",
      });
    },
  );
});

describe("a body that is neither", () => {
  test("fails with its beginning, and closes the connection", async () => {
    const packets = packetsOf("\n<!doctype", " html>");
    const reader = new EventReader(packets, new FakeClock());
    const error = await failureOf(reader.isJson());
    expect(error.message).toBe('The answer is neither JSON nor a stream of events: "<!doctype"');
    expect(packets.cancelled).toBe(1);
  });

  test("is no stream with chunks where it is empty", async () => {
    expect(await chunksOf(readerOf())).toEqual([]);
    expect(await chunksOf(readerOf(" \n", "\n"))).toEqual([]);
  });
});

describe("leave", () => {
  test("closes the connection of an answer that is not complete", async () => {
    const packets = packetsOf(event(a), event(b));
    const reader = new EventReader(packets, new FakeClock());
    await reader.isJson();
    await reader.leave(false);
    expect(packets.cancelled).toBe(1);
    expect(packets.left).toHaveLength(1);
  });

  test("reads the rest of an answer that is complete, so that its connection is used again", async () => {
    const packets = packetsOf(event(a), event(b), event(b));
    const clock = new FakeClock();
    const reader = new EventReader(packets, clock);
    await reader.isJson();
    await reader.leave(true);
    expect(packets.cancelled).toBe(0);
    expect(packets.left).toHaveLength(0);
    expect(clock.sleeping).toBe(0);
  });

  test("closes the connection if the rest does not arrive within a second", async () => {
    const clock = new FakeClock();
    const packets = { ...packetsOf(), read: () => new Promise<undefined>(() => undefined) };
    let cancelled = 0;
    const cancel = async () => void (cancelled += 1);
    const leaving = new EventReader({ ...packets, cancel }, clock).leave(true);
    await clock.advance(999);
    expect(cancelled).toBe(0);
    await clock.advance(1);
    await leaving;
    expect(cancelled).toBe(1);
  });

  test("ignores a connection that fails", async () => {
    const failing = { ...packetsOf(), cancel: () => Promise.reject(new Error("gone")) };
    const dropped = packetsOf(new Error("cut"));
    await expect(new EventReader(failing, new FakeClock()).leave(false)).resolves.toBeUndefined();
    await expect(new EventReader(dropped, new FakeClock()).leave(true)).resolves.toBeUndefined();
  });
});

describe("a flood", () => {
  test.each([
    ["comments", `: ${"x".repeat(2 ** 16)}\n\n`],
    ["empty events", "data: {}\n\n".repeat(5000)],
    ["an event", "data: x\n"],
  ])("of %s leaves the event loop its turns", async (_, text) => {
    let hasTurn = false;
    const timer = setTimeout(() => (hasTurn = true), 0);
    const packet = new TextEncoder().encode(text);
    // The flood ends when the timer had its turn, which it never has in a loop that does not pause.
    const read = async () => (hasTurn ? undefined : packet);
    const reader = new EventReader({ ...packetsOf(), read }, new FakeClock());
    await reader.isJson();
    while (await reader.readChunks(false));
    clearTimeout(timer);
    expect(hasTurn).toBe(true);
  });

  test("of lines ends an event before their bytes would", async () => {
    const lines = "data: x\n".repeat(10_000);
    const error = await failureOf(chunksOf(readerOf(...Array.from({ length: 50 }, () => lines))));
    expect(error.details).toMatchObject({ kind: "invalid_response_error", reason: "too_large" });
    expect(error.message).toContain("100000 lines");
  });

  test("of lines is no matter where they are comments, or end events", async () => {
    const comments = Array.from({ length: 50 }, () => ": ping\n\n".repeat(10_000));
    expect(await chunksOf(readerOf(...comments, event(a)))).toEqual([a]);
    const events = Array.from({ length: 20 }, () => event(a).repeat(6000));
    expect(await chunksOf(readerOf(...events))).toHaveLength(120_000);
  });
});
