import { getEventListeners } from "node:events";
import type { ServerResponse } from "node:http";
import { describe, expect, test } from "vitest";
import { chunk, completion, done, helloStream, usageChunk } from "../__fixtures__/completions.ts";
import { failureOf, readAll, start, transports } from "../__fixtures__/exchange.ts";
import { sendEvents, sendJson } from "../__fixtures__/loopback.ts";

type Answer = (response: ServerResponse) => void;

const answers: [string, Answer][] = [
  ["a document", (response) => sendJson(response, completion())],
  ["a stream that ends", (response) => void sendEvents(response, helloStream).end()],
  ["a stream that stays open after [DONE]", (response) => void sendEvents(response, helloStream)],
  [
    "a stream without usage that stays open after [DONE]",
    (response) => void sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop"), done]),
  ],
  [
    "a stream that ends after its usage, without [DONE]",
    (response) =>
      void sendEvents(response, [chunk({ content: "Hello" }), chunk({}, "stop"), usageChunk]).end(),
  ],
];

const failures: [string, Answer][] = [
  ["an error status", (response) => sendJson(response, { error: { code: 500 } }, 500)],
  ["an empty answer", (response) => sendJson(response, completion({}, { choices: [] }))],
  ["a web page", (response) => void response.end("<html></html>")],
  ["a web page that stays open", (response) => void response.write("<html>")],
  ["a redirect", (response) => void response.writeHead(307, { location: "/" }).end()],
  ["a stream that is cut", (response) => void sendEvents(response, [done]).end()],
  ["[DONE] alone, on a stream that stays open", (response) => void sendEvents(response, [done])],
  ["an error that stays open", (response) => void sendEvents(response, [{ error: "Down" }])],
];

/** A caller's signal outlives its calls: a listener left on it would hold the whole answer. */
describe.each(transports)("by %s, no listener stays on the signal", (_, send) => {
  async function startWith(answer: Answer) {
    const { signal } = new AbortController();
    const t = await start(answer, { fetch: send, signal });
    return Object.assign(t, {
      async expectNoListener() {
        await t.clock.advance(1000);
        await expect.poll(() => getEventListeners(signal, "abort").length).toBe(0);
      },
    });
  }

  test.each(answers)("after a whole answer: %s", async (_name, answer) => {
    await using t = await startWith(answer);
    expect((await t.whole()).kind).toBe("whole");
    await t.expectNoListener();
  });

  test.each(answers)("after a stream that is read to its end: %s", async (_name, answer) => {
    await using t = await startWith(answer);
    expect((await readAll(await t.live())).length).toBeGreaterThan(0);
    await t.expectNoListener();
  });

  test.each(answers)("after a stream that is left: %s", async (_name, answer) => {
    await using t = await startWith(answer);
    const stream = await t.live();
    await stream.leave();
    expect(stream.kind).toBe("stream");
    await t.expectNoListener();
  });

  test.each(failures)("after a failure: %s", async (_name, answer) => {
    await using t = await startWith(answer);
    expect(await failureOf(t.whole())).toBeDefined();
    expect(await failureOf(t.live())).toBeDefined();
    await t.expectNoListener();
  });
});
