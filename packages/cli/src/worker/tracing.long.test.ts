import { afterAll, expect, test } from "vitest";
import { question, startStage, type Stage } from "../test-support/start-stage.ts";
import type { Running } from "../test-support/start-cli.ts";
import { startCollector, type Collector } from "../test-support/start-collector.ts";

const secret = "a-header-for-the-collector";
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const spanId = "00f067aa0ba902b7";

let collector: Collector;
let stage: Stage;
let worker: Running;

test("a worker with a collector waits for runs", async () => {
  collector = await startCollector();
  stage = await startStage();
  worker = stage.startWorker([], {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-team=${secret}`,
    OTEL_BSP_SCHEDULE_DELAY: "20",
    // One hour: a test would fail if something waited for the collector.
    OTEL_EXPORTER_OTLP_TIMEOUT: "3600000",
    OTEL_BSP_EXPORT_TIMEOUT: "3600000",
  });
  await worker.saw("waiting for runs");
  expect(collector.spans).toEqual([]);
});
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]();
  await stage?.[Symbol.asyncDispose]();
  await collector?.[Symbol.asyncDispose]();
});

/** Executes a run, and resolves to the spans of its agents and tools. */
async function spansOf(options: { readonly traceparent?: string }) {
  const { id } = await stage.runtime.start("answer", question, options);
  expect((await stage.runtime.wait(id)).status).toBe("succeeded");
  const isOfRun = (span: Collector["spans"][number]) => span.attributes["orchestra.run_id"] === id;
  await collector.saw((span) => isOfRun(span) && span.name === "invoke_agent executor");
  const spans = collector.spans.filter(isOfRun);
  const named = (name: string) => spans.filter((span) => span.name.startsWith(name));
  return { id, spans, agents: named("invoke_agent"), tools: named("execute_tool search") };
}

test("a worker exports a trace for each run, with the id of the run as trace id", async () => {
  const { id, spans, agents, tools } = await spansOf({});
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([id.replaceAll("-", "")]));
  expect(agents).toHaveLength(3);
  expect(tools.length).toBeGreaterThan(0);
  for (const tool of tools) expect(tool.parentSpanId).toBe(agents[0]?.spanId);
});

test("a run that was started within a trace is part of that trace", async () => {
  const { spans, agents } = await spansOf({ traceparent: `00-${traceId}-${spanId}-01` });
  expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
  expect(agents.map(({ parentSpanId }) => parentSpanId)).toEqual([spanId, spanId, spanId]);
});

test("a run is not exported if the client's trace is not sampled", async () => {
  const { id } = await stage.runtime.start("answer", question, {
    traceparent: `00-${traceId}-${spanId}-00`,
  });
  await stage.runtime.wait(id);
  await spansOf({});
  expect(collector.text).not.toContain(id);
});

test("no span contains a secret, a question or a result", () => {
  const { OPENROUTER_API_KEY: key, DATABASE_URL: url } = stage.environment;
  for (const text of [key, url, secret, question.task, "built in 1871"]) {
    expect(collector.text).not.toContain(text);
  }
});

test("a collector that hangs delays neither runs nor the end of the worker", async () => {
  collector.hang();
  const { id } = await stage.runtime.start("answer", question);
  expect((await stage.runtime.wait(id)).status).toBe("succeeded");
  await expect.poll(() => collector.unanswered).toBe(1);
  worker.stop("SIGTERM");
  const { code, stderr } = await worker.done;
  expect(code).toBe(0);
  expect(stderr).toContain("the collector did not answer in time");
});
