import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openOnServer, question } from "@orchestra/runtime/test-support";
import { hello, post } from "../test-support/client.ts";
import { startRunServer, type RunServer } from "../test-support/start-run-server.ts";
import { startTestServer } from "../test-support/start-test-server.ts";

/** The value of a line that has all of these parts; `undefined` where there is none. */
function valueOf(text: string, name: string, ...labels: readonly string[]): number | undefined {
  const line = text
    .split("\n")
    .find((each) => each.startsWith(name) && labels.every((label) => each.includes(label)));
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
}

describe("the metrics of a server", () => {
  let t: RunServer;
  beforeAll(async () => {
    t = await startRunServer({
      database: await openOnServer(),
      environment: {
        AGENT_MODEL_MAP: '{"writer":"openai/gpt-4o-mini"}',
        LLM_REQUESTS_PER_MINUTE: "1000",
      },
    });
  });
  afterAll(() => t[Symbol.asyncDispose]());

  const read = async (): Promise<string> => {
    const response = await fetch(t.url.replace(/\/v1$/, "/metrics"));
    expect(response.headers.get("content-type")).toContain("text/plain");
    return response.text();
  };

  test("count calls with tokens, cost, time and attempts, by role and model", async () => {
    await post(t.url, { ...hello, agent_type: "writer" });
    await post(t.url, { ...hello, agent_type: "writer", stream: true }).then((r) => r.text());
    const text = await read();
    const labels = ['role="writer"', 'model="openai/gpt-4o-mini"'];
    expect(valueOf(text, "orchestra_calls_total", ...labels, 'status="succeeded"')).toBe(2);
    expect(valueOf(text, "orchestra_tokens_total", ...labels, 'kind="prompt"')).toBeGreaterThan(0);
    const { costUsd } = t.sandbox.books.totals();
    expect(valueOf(text, "orchestra_cost_usd_total", ...labels)).toBeCloseTo(costUsd, 9);
    expect(valueOf(text, "orchestra_call_duration_seconds_count", ...labels)).toBe(2);
    expect(valueOf(text, "orchestra_first_token_seconds_count", ...labels)).toBeGreaterThan(0);
    expect(valueOf(text, "orchestra_attempts_total", 'result="succeeded"')).toBe(2);
  });

  test("show the window of the limits, the queue and the runs", async () => {
    await t.runtime.start("answer", question);
    // State that is read from the database is kept for seconds.
    const text = await read();
    expect(valueOf(text, "orchestra_rate_limit_window", 'limits="all"', 'kind="limit"')).toBe(1000);
    expect(valueOf(text, "orchestra_queued_runs")).toBeDefined();
    expect(valueOf(text, "orchestra_runs", 'status="queued"')).toBeDefined();
    expect(valueOf(text, "orchestra_workers")).toBe(0);
  });
});

test("failures are counted by their kind, with the fallback that they led to", async () => {
  await using t = await startTestServer({
    environment: {
      OPENROUTER_DEFAULT_MODEL: "sandbox/status-503",
      PORTKEY_FALLBACKS: '[{"provider":"openai","model":"openai/gpt-4o"}]',
      LLM_MAX_RETRIES: "1",
    },
  });
  await post(t.url, hello);
  const text = await (await fetch(`${t.origin}/metrics`)).text();
  expect(valueOf(text, "orchestra_attempts_total", 'result="service_error"')).toBe(2);
  expect(valueOf(text, "orchestra_fallbacks_total", 'kind="service_error"')).toBe(1);
});

test("names that clients choose do not become labels", async () => {
  await using t = await startTestServer();
  for (let count = 0; count < 50; count += 1) {
    await post(t.url, { ...hello, model: `made-up/model-${count}`, user: `user-${count}` });
    await post(t.url, { ...hello, model: `openai/gpt-4o:variant-${count}` });
    await post(t.url, { ...hello, agent_type: `role-${count}` });
  }
  const text = await (await fetch(`${t.origin}/metrics`)).text();
  expect(text).not.toMatch(/made-up|variant-|role-|user-/);
  expect(text).toContain('model="other"');
});

test("a server that shares its metrics no longer listens to its cluster once it is closed", async () => {
  const before = process.listenerCount("message");
  const t = await startTestServer({ server: { sharesMetrics: true } });
  expect(process.listenerCount("message")).toBe(before + 1);
  await t[Symbol.asyncDispose]();
  expect(process.listenerCount("message")).toBe(before);
});
