import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { done, helloStream } from "./__fixtures__/completions.ts";
import { sendEvents, serve } from "./__fixtures__/loopback.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { leanFetch } from "./lean-fetch.ts";
import { watchStream } from "./watch-stream.ts";

/** A caller's signal outlives its calls: what each left on it would hold the whole answer. */
test.each([
  ["ends behind [DONE]", true],
  ["stays open behind [DONE]", false],
])("leaves nothing on the signal of a request whose stream %s", async (_, ends) => {
  await using server = await serve((response) => {
    sendEvents(response, [...helloStream, done]);
    if (ends) response.end();
  });
  const { signal } = new AbortController();
  const response = await leanFetch(server.url, { method: "POST", body: "{}", signal });
  const body = response.body as ConstructorParameters<typeof ChunkReader>[0];
  const packets = watchStream(new ChunkReader(body), { seen: {} }, Date.now);
  expect((await Array.fromAsync(packets)).length).toBeGreaterThan(0);
  await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
});
