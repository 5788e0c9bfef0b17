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

/** The names that clients of a server send. All values are different, and none may be retained. */
export const serverScenarios: readonly Scenario[] = [
  {
    name: "HTTP: 17 models, roles, users and headers that a client names",
    unit: "client",
    perRound: 5000,
    async start(stage) {
      const orchestra = filled(stage.orchestra("answer"));
      const server = await serve({ orchestra, environment: {}, port: 0, keys: [key] });
      const client = clientOf(server.url);
      const once = async () => {
        await client.send(200, "POST", "/chat/completions", {
          headers: namingHeaders(),
          body: { ...namingBody(), model: `lab/${newKey()}` },
        });
        await client.send(400, "POST", "/chat/completions", {
          headers: { ...namingHeaders(), "x-agent-type": newKey() },
          body: namingBody(),
        });
        await client.send(400, "POST", "/responses", {
          body: { input: "Hello", agent_type: newKey() },
        });
        await client.send(404, "GET", `/${newKey()}`);
        await client.send(401, "GET", "/models", {
          headers: { authorization: `Bearer ${newKey()}` },
        });
      };
      return {
        once,
        fill: () => repeated(manyKeys, once),
        end: () => close(client, server),
      };
    },
  },
  {
    name: "HTTP: 8 runs, positions, pipelines and idempotency keys that a client names",
    unit: "client",
    perRound: 1500,
    start: startRuns,
  },
];

function namingHeaders() {
  return { "x-request-id": newKey(), "x-title": newKey(), "user-agent": newKey() };
}

function namingBody() {
  return { messages, user: newKey(), session_id: newKey(), metadata: { value: newKey() } };
}

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
    await client.send(404, "GET", `/runs/${newKey()}`);
    await client.send(404, "GET", `/runs/${newKey()}/events`, {
      headers: { "last-event-id": newKey() },
    });
    await client.send(404, "POST", "/runs", {
      headers: { "idempotency-key": newKey() },
      body: { pipeline: newKey(), input: "Hello" },
    });
    await client.send(201, "POST", "/runs", {
      headers: { "idempotency-key": newKey() },
      body: { pipeline: "echo", input: newKey(), traceId: newKey() },
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

/** Sends requests over connections that are kept open. */
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
