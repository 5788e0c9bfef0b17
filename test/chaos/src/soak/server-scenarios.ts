import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { definePipeline, openRuntime } from "@orchestra/runtime";
import { serve } from "@orchestra/server";
import { startPostgres } from "@orchestra/test-postgres";
import { Pool } from "undici";
import { filled, manyKeys, newKey, type Ongoing, type Scenario } from "./scenarios.ts";
import { repeated } from "./repeated.ts";

const key = "a-key-of-the-soak-0123456789";
const messages = [{ role: "user", content: "When was the lighthouse built?" }];

/** What the clients of a server name: each value is another one, and none may be kept. */
export const serverScenarios: readonly Scenario[] = [
  {
    name: "HTTP: models, roles, users and headers that clients name",
    unit: "value",
    perRound: 5000,
    async start(stage) {
      const orchestra = filled(stage.orchestra("answer"));
      const server = await serve({ orchestra, environment: {}, port: 0, keys: [key] });
      const client = clientOf(server.url);
      const once = async () => {
        const value = newKey();
        const headers = { "x-request-id": value, "x-title": value, "user-agent": value };
        const body = { messages, user: value, session_id: value, metadata: { value } };
        await client.send(200, "POST", "/chat/completions", {
          headers,
          body: { ...body, model: `lab/${value}` },
        });
        await client.send(400, "POST", "/chat/completions", {
          headers: { ...headers, "x-agent-type": value },
          body,
        });
        await client.send(400, "POST", "/responses", {
          body: { input: "Hello", agent_type: value },
        });
        await client.send(404, "GET", `/${value}`);
        await client.send(401, "GET", "/models", { headers: { authorization: `Bearer ${value}` } });
      };
      return {
        once,
        fill: () => repeated(manyKeys, once),
        end: () => close(client, server),
      };
    },
  },
  {
    name: "HTTP: runs, positions, keys and idempotency keys that clients name",
    unit: "value",
    perRound: 1500,
    start: startRuns,
  },
];

async function startRuns(): Promise<Ongoing> {
  const folder = await mkdtemp(join(tmpdir(), "orchestra-soak-"));
  const postgres = await startPostgres({ folder: join(folder, "postgres") });
  const pipeline = definePipeline({
    name: "echo",
    create: ({ orchestra }) => orchestra.agent({ name: "echo", system: "Answer." }),
  });
  const runtime = await openRuntime({
    pipelines: [pipeline],
    environment: {
      DATABASE_URL: postgres.url,
      OPENROUTER_API_KEY: "sk-or-v1-soak-0123456789",
      LOG_LEVEL: "silent",
    },
  });
  const server = await serve({ runtime, environment: {}, port: 0, keys: [key] });
  const client = clientOf(server.url);
  const once = async () => {
    const value = newKey();
    await client.send(404, "GET", `/runs/${value}`);
    await client.send(404, "GET", `/runs/${value}/events`, {
      headers: { "last-event-id": value },
    });
    await client.send(404, "POST", "/runs", {
      headers: { "idempotency-key": value },
      body: { pipeline: value, input: value },
    });
    await client.send(201, "POST", "/runs", {
      headers: { "idempotency-key": value },
      body: { pipeline: "echo", input: value, traceId: value },
    });
  };
  return {
    once,
    async end() {
      await close(client, server);
      await runtime.close();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
      return [];
    },
  };
}

interface Request {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

/** Sends requests over connections that stay. */
function clientOf(url: string) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: 16 });
  return {
    /** @throws Error for another status */
    async send(
      expected: number,
      method: "GET" | "POST",
      path: string,
      { headers = {}, body }: Request = {},
    ): Promise<void> {
      const { statusCode, body: answer } = await pool.request({
        path: pathname + path,
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(body ? { "content-type": "application/json" } : {}),
          ...headers,
        },
        body: body ? JSON.stringify(body) : null,
      });
      const text = await answer.text();
      if (statusCode !== expected) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    },
    close: () => pool.close(),
  };
}

async function close(
  client: ReturnType<typeof clientOf>,
  server: Awaited<ReturnType<typeof serve>>,
): Promise<readonly string[]> {
  await client.close();
  await server.close({ graceMs: 0 });
  return [];
}
