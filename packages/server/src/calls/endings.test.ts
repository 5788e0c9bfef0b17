import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { connectTo, dataOf, errorOf, hello, post } from "../test-support/client.ts";
import { endless } from "../test-support/replies.ts";
import { startServerAt, startTestServer } from "../test-support/start-test-server.ts";
import { chunk, startUpstream, type Reply } from "../test-support/start-upstream.ts";

/** Never answers. */
function silent() {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const reply: Reply = (response) => {
    response.once("close", left.resolve);
    asked.resolve();
  };
  return { reply, asked: asked.promise, left: left.promise };
}

test("a client that leaves a stream ends the request upstream", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using t = await startServerAt(upstream.url);
  const controller = new AbortController();
  const { signal } = controller;
  const response = await post(t.url, { ...hello, stream: true }, { signal });
  await response.body?.getReader().read();
  controller.abort();
  await left;
  await expect.poll(() => t.records[0]?.status).toBe("aborted");
});

test("a client that leaves before its answer ends the request upstream", async () => {
  const { reply, asked, left } = silent();
  await using upstream = await startUpstream(reply);
  await using t = await startServerAt(upstream.url);
  const controller = new AbortController();
  const response = post(t.url, hello, { signal: controller.signal });
  response.catch(() => undefined);
  await asked;
  controller.abort();
  await left;
  await expect(response).rejects.toThrow(/abort/);
});

test("a client that does not read is cut off, and the request upstream ended", async () => {
  const left = Promise.withResolvers<void>();
  await using upstream = await startUpstream(async (response) => {
    response.once("close", left.resolve);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const event = `data: ${chunk({ content: "x".repeat(32_000) })}\n\n`;
    while (!response.closed) {
      if (response.write(event)) await nextTurn();
      else await Promise.race([once(response, "drain"), left.promise]);
    }
  });
  await using t = await startServerAt(upstream.url, { environment: { LLM_READER_TIMEOUT: "0.2" } });
  using connection = connectTo(t.origin);
  const body = JSON.stringify({ ...hello, stream: true });
  connection.socket.pause();
  connection.socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await left.promise;
  connection.socket.resume();
  expect(await connection.ended).not.toContain("[DONE]");
});

test("a server that closes waits for streams, and refuses new requests until they have ended", async () => {
  const gate = Promise.withResolvers<void>();
  await using upstream = await startUpstream(async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`data: ${chunk({ content: "The" })}\n\n`);
    await gate.promise;
    response.end(`data: ${chunk({ content: " end" }, "stop")}\n\ndata: [DONE]\n\n`);
  });
  await using t = await startServerAt(upstream.url);
  const response = await post(t.url, { ...hello, stream: true });
  const closed = t.server.close({ graceMs: 60_000 });
  const refused = await post(t.url, hello);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await errorOf(refused)).toMatchObject({ code: "server_stops" });
  expect((await fetch(`${t.origin}/healthz`)).status).toBe(200);
  const ready = await fetch(`${t.origin}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ checks: { server: { reason: "stopping" } } });
  gate.resolve();
  expect((await dataOf(response)).at(-1)).toBe("[DONE]");
  await closed;
  await expect(post(t.url, hello)).rejects.toThrow("fetch failed");
});

test("a server that closes marks an answer as the last one of its connection", async () => {
  await using t = await startTestServer();
  const gate = Promise.withResolvers<void>();
  t.sandbox.order({ fault: "slow", until: gate.promise, times: 1 });
  const answer = post(t.url, hello);
  await expect.poll(() => t.sandbox.books.entries.length).toBe(1);
  const closed = t.server.close({ graceMs: 60_000 });
  gate.resolve();
  expect((await answer).headers.get("connection")).toBe("close");
  await closed;
});

test("a server that closes ends the streams that are left after the grace time", async () => {
  const { reply, left } = endless();
  await using upstream = await startUpstream(reply);
  await using t = await startServerAt(upstream.url);
  const response = await post(t.url, { ...hello, stream: true });
  const [data] = await Promise.all([dataOf(response), t.server.close({ graceMs: 0 })]);
  expect(JSON.parse(data.at(-2) ?? "")).toMatchObject({ error: { code: "server_stops" } });
  expect(data.at(-1)).toBe("[DONE]");
  await left;
});
