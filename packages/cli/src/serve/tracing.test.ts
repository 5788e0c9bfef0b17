import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { afterAll, describe, expect, inject, test } from "vitest";
import { runAt } from "../test-support/run-at.ts";
import { startCli, type Running } from "../test-support/start-cli.ts";
import {
  startCollector,
  type CollectedSpan,
  type Collector,
} from "../test-support/start-collector.ts";
import { temporaryFolder } from "../test-support/temporary-folder.ts";

const config = join(import.meta.dirname, "../test-support/poet.config.ts");
const key = "sk-or-v1-test-0123456789";
const secret = "a-header-for-the-collector";
const prompt = "Marmalade at noon";

interface Stage extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly running: Running;
  readonly url: string;
}

/** Starts `orchestra serve` on a sandbox, with a collector at this URL. */
async function startStage(
  endpoint: string,
  more: NodeJS.ProcessEnv = {},
  args: readonly string[] = [],
): Promise<Stage> {
  const folder = await temporaryFolder();
  const sandbox = await startSandbox();
  const running = startCli(["serve", "--port", "0", "--grace", "5", ...args], {
    folder: folder.path,
    environment: {
      OPENROUTER_API_KEY: key,
      OPENROUTER_BASE_URL: sandbox.url,
      PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"openai/gpt-4o"}]',
      AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini","unlucky":"sandbox/status-503"}',
      LLM_MAX_RETRIES: "1",
      LLM_RETRY_DELAY: "0.002",
      LLM_REQUESTS_PER_MINUTE: "none",
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: `x-team=${secret}`,
      OTEL_SERVICE_NAME: "gateway",
      OTEL_BSP_SCHEDULE_DELAY: "20",
      // One hour: a test would fail if something waited for the collector.
      OTEL_EXPORTER_OTLP_TIMEOUT: "3600000",
      OTEL_BSP_EXPORT_TIMEOUT: "3600000",
      SEARCHES: join(folder.path, "searches"),
      ...more,
    },
  });
  const { url } = (await running.saw("server listens")) as unknown as { readonly url: string };
  const close = async () => {
    await running[Symbol.asyncDispose]();
    await sandbox.close();
    await folder[Symbol.asyncDispose]();
  };
  return { sandbox, running, url, [Symbol.asyncDispose]: close };
}

const post = (url: string, body: object, headers: Readonly<Record<string, string>> = {}) =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });

describe("orchestra serve with a collector", () => {
  let collector: Collector;
  let stage: Stage;
  test("starts", async () => {
    collector = await startCollector();
    const tables = {
      DATABASE_URL: inject("databaseUrl"),
      ORCHESTRA_DATABASE_SCHEMA: `test_${randomUUID().replaceAll("-", "")}`,
    };
    stage = await startStage(collector.url, tables, ["--config", config]);
    expect(collector.spans).toEqual([]);
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    await collector?.[Symbol.asyncDispose]();
  });

  let traces = 0;
  /** Sends a request in a new trace. Resolves to the spans of the trace when the span of the request was exported. */
  async function trace(path: string, body: object) {
    const traceId = `${(traces += 1)}`.padStart(32, "a");
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const response = await post(`${stage.url}${path}`, body, headers);
    await response.text();
    const isOfTrace = (span: CollectedSpan) => span.traceId === traceId;
    await collector.saw((span) => isOfTrace(span) && span.kind === 2);
    const spans = collector.spans.filter(isOfTrace);
    const named = (name: string) => spans.filter((span) => span.name === name);
    return { response, spans, named };
  }

  const ask = (fields: object) =>
    trace("/chat/completions", { messages: [{ role: "user", content: prompt }], ...fields });

  test("exports a call as a child of the span of its request, in the client's trace", async () => {
    const { spans, named } = await ask({ agent_type: "writer" });
    expect(spans).toHaveLength(3);
    const [request] = named("POST /v1/chat/completions");
    expect(request).toMatchObject({
      parentSpanId: "00f067aa0ba902b7",
      status: { code: 0 },
      attributes: { "http.route": "/v1/chat/completions", "http.response.status_code": 200 },
    });
    const [call] = named("chat openai/gpt-4o-mini");
    expect(call).toMatchObject({
      kind: 3,
      parentSpanId: request?.spanId,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openrouter",
        "gen_ai.request.model": "openai/gpt-4o-mini",
        "gen_ai.response.model": expect.any(String) as string,
        "gen_ai.response.id": expect.any(String) as string,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": expect.any(Number) as number,
        "gen_ai.usage.output_tokens": expect.any(Number) as number,
        "orchestra.role": "writer",
        "orchestra.attempts": 1,
        "orchestra.fallback_used": false,
      },
    });
    const [attempt] = named("attempt openai/gpt-4o-mini");
    expect(attempt?.parentSpanId).toBe(call?.spanId);
    for (const [outer, inner] of [
      [request, call],
      [call, attempt],
    ] as const) {
      expect(
        BigInt(inner?.endTimeUnixNano ?? 0) - BigInt(inner?.startTimeUnixNano ?? 0),
      ).toBeGreaterThan(0n);
      expect(outer?.traceId).toBe(inner?.traceId);
    }
  });

  test("adds the time of the first token to the span of a streamed call", async () => {
    const { named } = await ask({ agent_type: "writer", stream: true });
    const [call] = named("chat openai/gpt-4o-mini");
    expect(call?.attributes["gen_ai.response.time_to_first_chunk"]).toBeGreaterThan(0);
    expect(call?.attributes["gen_ai.usage.output_tokens"]).toBeGreaterThan(0);
  });

  test("exports each attempt of a call with a fallback, with its error", async () => {
    const { named } = await ask({ agent_type: "unlucky" });
    const [call] = named("chat sandbox/status-503");
    expect(call).toMatchObject({
      status: { code: 0 },
      attributes: { "orchestra.fallback_used": true, "orchestra.attempts": 3 },
    });
    const failed = named("attempt sandbox/status-503");
    expect(failed).toHaveLength(2);
    for (const attempt of failed) {
      expect(attempt).toMatchObject({
        parentSpanId: call?.spanId,
        status: { code: 2 },
        attributes: { "error.type": "service_error", "http.response.status_code": 503 },
      });
    }
    expect(named("attempt openai/gpt-4o")[0]?.attributes["orchestra.attempt.via"]).toBe("portkey");
  });

  test("adds the kind of the error to the span of a failed call", async () => {
    stage.sandbox.order({ fault: "status", status: 400, times: 1 });
    const { response, named } = await ask({ agent_type: "writer" });
    expect(response.status).toBe(400);
    expect(named("chat openai/gpt-4o-mini")).toMatchObject([
      { status: { code: 2 }, attributes: { "error.type": "invalid_request_error" } },
    ]);
    expect(named("POST /v1/chat/completions")).toMatchObject([
      { status: { code: 0 }, attributes: { "http.response.status_code": 400 } },
    ]);
  });

  test("exports the call of an agent as a child of the agent's span", async () => {
    const { response, named } = await trace("/agents/poet/invoke", { input: prompt });
    expect(response.status).toBe(200);
    const [request] = named("POST /v1/agents/{role}/invoke");
    const [agent] = named("invoke_agent poet");
    const [call] = named("chat openai/gpt-4o");
    expect(agent?.parentSpanId).toBe(request?.spanId);
    expect(agent?.attributes).toMatchObject({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "poet",
    });
    expect(call?.parentSpanId).toBe(agent?.spanId);
  });

  test("exports a run in the trace of the request that started it", async () => {
    expect(await runAt(stage.url)).toContain('"status":"succeeded"');
    const { traceId } = await collector.saw(({ name }) => name === "invoke_agent executor");
    const work = collector.spans.filter((span) => span.traceId === traceId && span.kind === 1);
    const agents = work.filter(({ name }) => name.startsWith("invoke_agent"));
    expect(agents.map(({ name }) => name)).toEqual([
      "invoke_agent researcher",
      "invoke_agent validator",
      "invoke_agent executor",
    ]);
    const tools = work.filter(({ name }) => name === "execute_tool search");
    expect(tools.length).toBeGreaterThan(0);
    const request = await collector.saw(
      (span) => span.name === "POST /v1/runs" && span.traceId === traceId,
    );
    for (const agent of agents) expect(agent.parentSpanId).toBe(request.spanId);
    for (const tool of tools) expect(tool.parentSpanId).toBe(agents[0]?.spanId);
  });

  test("gives a request without a trace context its own trace, and does not trace probes", async () => {
    await fetch(stage.url.replace(/v1$/, "healthz"));
    await fetch(`${stage.url}/models`);
    const span = await collector.saw(({ name }) => name === "GET /v1/models");
    expect(span.parentSpanId ?? "").toBe("");
    expect(collector.spans.filter(({ name }) => name.includes("healthz"))).toEqual([]);
  });

  test("exports the name of the service, and no secrets, prompts or answers", () => {
    expect(collector.last.path).toBe("/v1/traces");
    expect(collector.last.headers["x-team"]).toBe(secret);
    expect(collector.resource["service.name"]).toBe("gateway");
    for (const text of [key, secret, prompt, "haiku"]) expect(collector.text).not.toContain(text);
  });

  test("does not delay calls or its end if the collector hangs", async () => {
    collector.hang();
    for (let count = 0; count < 3; count += 1) {
      const body = { agent_type: "writer", messages: [{ role: "user", content: prompt }] };
      const response = await post(`${stage.url}/chat/completions`, body);
      expect(response.status).toBe(200);
      await response.text();
    }
    await expect.poll(() => collector.unanswered).toBe(1);
    stage.running.stop("SIGTERM");
    const { code, stderr } = await stage.running.done;
    expect(code).toBe(0);
    expect(stderr).toContain("the collector did not answer in time");
    expect(stderr).not.toContain(secret);
  });
});

test("orchestra serve exports the remaining spans when it stops", async () => {
  await using collector = await startCollector();
  await using stage = await startStage(collector.url, { OTEL_BSP_SCHEDULE_DELAY: "100000" });
  await post(`${stage.url}/chat/completions`, { messages: [{ role: "user", content: prompt }] });
  stage.running.stop("SIGTERM");
  expect((await stage.running.done).code).toBe(0);
  expect(collector.spans.map(({ name }) => name)).toContain("POST /v1/chat/completions");
});

test("if the collector is not available, no call fails, and the log reports that once", async () => {
  await using stage = await startStage("http://127.0.0.1:9", {
    OTEL_EXPORTER_OTLP_TIMEOUT: "200",
  });
  for (let count = 0; count < 3; count += 1) {
    const response = await post(`${stage.url}/chat/completions`, {
      messages: [{ role: "user", content: prompt }],
    });
    expect(response.status).toBe(200);
    await response.text();
  }
  stage.running.stop("SIGTERM");
  const { code, stderr } = await stage.running.done;
  expect(code).toBe(0);
  expect(stderr.match(/traces are not exported/g)).toHaveLength(1);
  expect(stderr).not.toContain(secret);
});
