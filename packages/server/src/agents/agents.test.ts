import { tool } from "@langchain/core/tools";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { Orchestra } from "@orchestra/core";
import { startSandbox, type Sandbox } from "@orchestra/sandbox";
import { errorOf } from "../test-support/client.ts";
import { document, startUpstream } from "../test-support/start-upstream.ts";
import { serve, type RunningServer } from "../serve.ts";

let sandbox: Sandbox;
let server: RunningServer;

beforeAll(async () => {
  sandbox = await startSandbox();
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: sandbox.url,
      LLM_REQUESTS_PER_MINUTE: "none",
      LLM_MAX_RETRIES: "0",
      LLM_BUDGET_USD_PER_RUN: "1",
      LOG_LEVEL: "silent",
    },
  });
  const poet = orchestra.agent({ name: "poet", system: "You write haiku." });
  const mapper = orchestra.agent({
    name: "mapper",
    system: "You draw maps.",
    output: z.object({ place: z.string() }).transform((found) => new Map(Object.entries(found))),
  });
  server = await serve({
    orchestra,
    agents: [poet, mapper, orchestra.researcher(), orchestra.executor()],
    environment: {},
    port: 0,
    graceMs: 0,
  });
});
afterAll(async () => {
  await server.close();
  await sandbox.close();
});

const post = (path: string, body: object) =>
  fetch(`${server.url}/agents/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });

interface Result {
  readonly output: string;
  readonly usage: { readonly calls: number };
}

test("an agent answers with its output, its run id and its usage", async () => {
  const response = await post("poet/invoke", { input: "Autumn" });
  expect(response.status).toBe(200);
  const { output, usage } = (await response.json()) as Result;
  expect(output).not.toBe("");
  expect(usage).toMatchObject({ calls: 1 });
  const [{ body } = {}] = sandbox.books.entries.slice(-1);
  expect(JSON.stringify(body)).toContain("You write haiku.");
});

test("an agent streams its events and texts, and at the end its result", async () => {
  const response = await post("poet/stream", { input: "Autumn" });
  const events: { event?: string | undefined; data: Record<string, unknown> }[] = [];
  const messages = response.body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream());
  for await (const { event, data } of messages ?? []) {
    events.push({ event, data: JSON.parse(data) as Record<string, unknown> });
  }
  expect(events[0]?.event).toBe("agent-start");
  const texts = events.filter(({ event }) => event === "delta").map(({ data }) => data["text"]);
  expect(texts.length).toBeGreaterThan(1);
  expect(events.at(-1)).toMatchObject({ event: "result", data: { output: texts.join("") } });
});

test("a wrong role or input is refused", async () => {
  const unknown = await post("poe/invoke", { input: "x" });
  expect(unknown.status).toBe(404);
  expect((await errorOf(unknown)).message).toContain("Did you mean poet?");
  for (const way of ["invoke", "stream"]) {
    const misspelt = await post(`poet/${way}`, { inptu: "x" });
    expect(misspelt.status).toBe(400);
    expect((await errorOf(misspelt)).message).toContain("inptu");
  }
  const wrong = await post("researcher/invoke", { input: { tsk: "x" } });
  expect(wrong.status).toBe(400);
  expect((await errorOf(wrong)).message).toContain("cannot use its input");
});

test("an output that JSON would lose is an error, which names its class", async () => {
  const response = await post("mapper/invoke", { input: "x" });
  expect(response.status).toBe(500);
  const message = 'The output of the agent "mapper" cannot be sent as JSON: it is of the class Map';
  expect(await errorOf(response)).toMatchObject({
    code: "output_not_json",
    message: expect.stringContaining(message),
  });
  const text = await (await post("mapper/stream", { input: "x" })).text();
  expect(text).toMatch(/event: error\ndata: .*"code":"output_not_json".*\n\n$/);
});

test("a call that fails has the status of its failure, and in a stream it is the last event", async () => {
  sandbox.order({ fault: "status", status: 503 });
  expect((await post("poet/invoke", { input: "x" })).status).toBe(502);
  sandbox.order({ fault: "status", status: 503 });
  const text = await (await post("poet/stream", { input: "x" })).text();
  expect(text).toMatch(/event: error\ndata: .*"type":"service_error".*\n\n$/);
});

test("an executor refuses findings that the validator did not approve", async () => {
  const findings = { task: "x", summary: "", claims: [], openQuestions: [] };
  const input = { ...findings, verdict: "reject", issues: [], confidence: 1 };
  const response = await post("executor/invoke", { input });
  expect(response.status).toBe(400);
  expect(await errorOf(response)).toMatchObject({ code: "findings_rejected" });
});

test("an agent that repeats its tool calls is named as the reason", async () => {
  const toolCall = { id: "call-1", type: "function", function: { name: "look", arguments: "{}" } };
  const message = { role: "assistant", content: null, tool_calls: [toolCall] };
  const answer = { id: "gen-1", object: "chat.completion", choices: [{ index: 0, message }] };
  await using upstream = await startUpstream(document(JSON.stringify(answer)));
  const schema = z.object({});
  const look = tool(() => "nothing", { name: "look", description: "Looks around", schema });
  const orchestra = new Orchestra({
    environment: {
      OPENROUTER_API_KEY: "sk-or-v1-test-0123456789",
      OPENROUTER_BASE_URL: upstream.url,
      LLM_REQUESTS_PER_MINUTE: "none",
      LOG_LEVEL: "silent",
    },
  });
  const agents = [orchestra.agent({ name: "guard", system: "You look.", tools: [look] })];
  await using other = await serve({ orchestra, agents, environment: {}, port: 0, graceMs: 0 });
  const response = await fetch(`${other.url}/agents/guard/invoke`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: "Is someone there?" }),
  });
  expect(response.status).toBe(502);
  const error = await errorOf(response);
  expect(error).toMatchObject({ type: "invalid_response_error", code: "no_progress" });
  expect(error.message).toContain("The guard makes no progress");
});

test("the limits are served without a database; usage is not", async () => {
  const usage = await fetch(`${server.url}/usage?by=role`);
  expect(usage.status).toBe(404);
  expect(await errorOf(usage)).toMatchObject({
    code: "no_database",
    message: expect.stringContaining("with the pipelines of an orchestra.config.ts"),
  });
  const limits = await (await fetch(`${server.url}/limits`)).json();
  expect(limits).toMatchObject({
    all: { limit: null, waiting: 0 },
    circuits: [],
    budgets: { run: { usd: 1, tokens: null } },
  });
});
