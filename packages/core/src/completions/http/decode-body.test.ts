import { once } from "node:events";
import type { RequestListener } from "node:http";
import zlib from "node:zlib";
import { describe, expect, test } from "vitest";
import { failureOf } from "../__fixtures__/exchange.ts";
import { serve } from "../__fixtures__/loopback.ts";
import { BodyDecoder } from "./body-decoder.ts";
import { post } from "./post.ts";
import { readErrorText } from "./read-body.ts";

const text = JSON.stringify({ say: "Grüße, ".repeat(2000) });

async function respond(listener: (response: Parameters<RequestListener>[1]) => void) {
  const server = await serve(listener);
  const request = (signal = new AbortController().signal) =>
    post({ url: server.url, headers: {} }, "{}", undefined, signal);
  return { request, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

async function read({ packets }: Awaited<ReturnType<typeof post>>): Promise<string> {
  const all: Uint8Array[] = [];
  for (let packet = await packets.read(); packet; packet = await packets.read()) all.push(packet);
  return Buffer.concat(all).toString();
}

const encodings: readonly [name: string, header: string, body: Buffer][] = [
  ["gzip", "gzip", zlib.gzipSync(text)],
  ["gzip by its older name", "x-gzip", zlib.gzipSync(text)],
  ["gzip in capitals", "GZIP", zlib.gzipSync(text)],
  ["Brotli", "br", zlib.brotliCompressSync(text)],
  ["deflate", "deflate", zlib.deflateSync(text)],
  ["deflate without its wrapping", "deflate", zlib.deflateRawSync(text)],
  ["Zstandard", "zstd", zlib.zstdCompressSync(text)],
  ["one after the other", "deflate, gzip", zlib.gzipSync(zlib.deflateSync(text))],
  ["not at all", "identity", Buffer.from(text)],
  ["with the charset for an encoding", "UTF-8", Buffer.from(text)],
];

describe("a compressed body", () => {
  test.each(encodings)("is decoded: %s", async (_, header, body) => {
    await using server = await respond((response) => {
      response.writeHead(200, { "content-encoding": header });
      // Packets that end anywhere.
      for (let at = 0; at < body.length; at += 7) response.write(body.subarray(at, at + 7));
      response.end();
    });
    expect(await read(await server.request())).toBe(text);
  });

  test.each(encodings)("of an error is decoded: %s", async (_, header, body) => {
    await using server = await respond((response) => {
      response.writeHead(500, { "content-encoding": header }).end(body);
    });
    expect(await readErrorText(await server.request(), 1_000_000)).toBe(text);
  });

  test("is read as it arrives", async () => {
    const gzip = zlib.createGzip();
    await using server = await respond((response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      gzip.pipe(response);
      gzip.write("data: 1\n\n");
      gzip.flush();
    });
    const { packets } = await server.request();
    expect(Buffer.from((await packets.read()) ?? []).toString()).toBe("data: 1\n\n");
    gzip.end("data: 2\n\n");
    expect(Buffer.from((await packets.read()) ?? []).toString()).toBe("data: 2\n\n");
    expect(await packets.read()).toBeUndefined();
  });

  test("that is cut off returns the decoded part", async () => {
    await using server = await respond((response) => {
      const body = zlib.gzipSync(text);
      response.writeHead(200, { "content-encoding": "gzip" });
      response.end(body.subarray(0, body.length - 12));
    });
    const begun = await read(await server.request());
    expect(text.startsWith(begun)).toBe(true);
    expect(begun.length).toBeGreaterThan(0);
  });

  test("that is neither compressed nor a text fails", async () => {
    await using server = await respond((response) => {
      response.writeHead(200, { "content-encoding": "gzip" }).end(Buffer.alloc(99, 0x8f));
    });
    const { packets } = await server.request();
    await expect(packets.read()).rejects.toThrow(/incorrect header/);
  });

  test("by an unknown encoding fails", async () => {
    await using server = await respond((response) => {
      response.writeHead(200, { "content-encoding": "lzma" }).end(text);
    });
    expect(await failureOf(server.request())).toMatchObject({
      message: "The answer has an unknown Content-Encoding: lzma",
      details: { kind: "invalid_response_error", reason: "malformed" },
    });
  });

  test("ends with the signal's reason after an abort", async () => {
    await using server = await respond((response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.write(zlib.gzipSync(text).subarray(0, 5));
    });
    const caller = new AbortController();
    const { packets } = await server.request(caller.signal);
    const reading = packets.read();
    const reason = new Error("enough");
    caller.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  test.each([
    ["gzip", zlib.gzipSync, zlib.createGunzip],
    ["br", zlib.brotliCompressSync, zlib.createBrotliDecompress],
    ["zstd", zlib.zstdCompressSync, zlib.createZstdDecompress],
  ] as const)("is decoded only as far as it is read: %s", async (encoding, encode, another) => {
    const bomb = encode(Buffer.alloc(2 ** 24));
    const decoder = new BodyDecoder(encoding);
    decoder.end(bomb);
    await once(decoder, "readable");
    // Another decoder, which is read, decodes the same body to its end.
    await once(another().resume().end(bomb), "end");
    expect(decoder.readableLength).toBeLessThan(2 ** 18);
    let bytes = 0;
    for await (const packet of decoder) bytes += (packet as Buffer).byteLength;
    expect(bytes).toBe(2 ** 24);
  });
});
