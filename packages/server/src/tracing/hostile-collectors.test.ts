import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { Orchestra } from "@orchestra/core";
import { startSandbox } from "@orchestra/sandbox";
import { afterEach, expect, test, vi } from "vitest";
import { openTracing } from "./open-tracing.ts";

type Answer = (outgoing: ServerResponse) => void;

interface Batch {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly { readonly name: string }[] }[];
  }[];
}

const status =
  (code: number, headers: Record<string, string> = {}): Answer =>
  (outgoing) =>
    outgoing.writeHead(code, headers).end("{}");
const hang: Answer = () => undefined;

/** A collector that answers as it is told, and a service that exports to it. At most 8 spans wait. */
async function start(answer: Answer) {
  const state = { answer, batches: 0, spans: 0, held: [] as ServerResponse[] };
  const take = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { resourceSpans } = (await json(incoming)) as Batch;
    const scopes = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
    state.batches += 1;
    state.spans += scopes.flatMap(({ spans }) => spans).length;
    state.held.push(outgoing);
    state.answer(outgoing);
  };
  const collector = createServer((...exchange) => void take(...exchange));
  await once(collector.listen(0, "127.0.0.1"), "listening");
  const { port } = collector.address() as AddressInfo;
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "1");
  vi.stubEnv("OTEL_BSP_MAX_QUEUE_SIZE", "8");
  vi.stubEnv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4");
  const sandbox = await startSandbox();
  const lines: string[] = [];
  const log = (message: string, fields: object = {}) =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const orchestra = new Orchestra({
    logger: { error: log, warn: log, info: log, debug: () => undefined },
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      LLM_REQUESTS_PER_MINUTE: "none",
    },
  });
  const tracing = await openTracing(orchestra);
  const call = async () => (await orchestra.model.invoke("Hello")).text;
  const close = async () => {
    await tracing?.close({ timeoutMs: 0 });
    collector.closeAllConnections();
    await new Promise((resolve) => collector.close(resolve));
    await sandbox.close();
  };
  const said = (text: string) => lines.filter((line) => line.includes(text)).length;
  return { state, call, tracing, said, [Symbol.asyncDispose]: close };
}

afterEach(() => vi.unstubAllEnvs());

test("while a collector hangs, calls continue, one batch is being sent, and eight spans wait", async () => {
  await using t = await start(hang);
  for (let count = 0; count < 30; count += 1) expect(await t.call()).not.toBe("");
  await expect.poll(() => t.state.batches).toBe(1);
  t.state.answer = status(200);
  for (const outgoing of t.state.held) status(200)(outgoing);
  await t.tracing?.close();
  expect(t.state.spans).toBeLessThanOrEqual(4 + 8);
  expect(t.state.spans).toBeGreaterThan(4);
});

test("a collector that hangs does not delay the end", async () => {
  await using t = await start(hang);
  await t.call();
  await expect.poll(() => t.state.batches).toBe(1);
  await t.tracing?.close({ timeoutMs: 1 });
  expect(t.said("the collector did not answer in time")).toBe(1);
});

test.each([
  ["500", status(500)],
  ["429, with a time to wait that is longer than the limit", status(429, { "retry-after": "60" })],
])(
  "a collector that answers %s fails no call, and is named in the log until it takes spans",
  async (_, answer) => {
    await using t = await start(answer);
    for (let count = 0; count < 5; count += 1) expect(await t.call()).not.toBe("");
    await expect.poll(() => t.said("traces are not exported")).toBe(1);
    t.state.answer = status(200);
    await t.call();
    await expect.poll(() => t.said("traces are exported again")).toBe(1);
  },
);
