import { randomUUID } from "node:crypto";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { migrateDatabase, openDatabase } from "@orchestra/runtime";
import { inject } from "vitest";
import { startServer } from "../../test-support/start-server.ts";
import {
  keyDocument,
  onSandbox,
  onServer,
  silentServer,
  testKey,
  type Scene,
  type State,
} from "./scene.ts";

/** A state, the finding that it has to come to, and what its message says. */
export type BrokenState = readonly [finding: string, says: string | RegExp, state: State];

const key = { OPENROUTER_API_KEY: testKey };
/** A key and a server that no check of these states asks. */
const elsewhere = { ...key, OPENROUTER_BASE_URL: "http://127.0.0.1:2/v1" };
const fallbacks = (...entries: readonly object[]) => JSON.stringify(entries);
const openAi = { provider: "openai", model: "gpt-4o" };

/** A gateway that answers whole answers with one status, and streams with another. */
async function gateway({ stack }: Scene, status: number, streamStatus: number): Promise<string> {
  const server = await startServer((request, response) => {
    let body = "";
    request
      .setEncoding("utf8")
      .on("data", (part: string) => (body += part))
      .on("end", () => {
        response.writeHead(body.includes('"stream":true') ? streamStatus : status);
        response.end("{}");
      });
  });
  return `${stack.use(server).url}/v1`;
}

async function answering({ stack }: Scene, status: number, body: string, headers = {}) {
  const server = await startServer((_, response) => response.writeHead(status, headers).end(body));
  return { ...key, OPENROUTER_BASE_URL: stack.use(server).url };
}

const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();

const installed = (name: string, version: string, folder = "") => ({
  [`${folder}node_modules/${name}/package.json`]: JSON.stringify({ name, version }),
});

export const brokenStates: readonly BrokenState[] = [
  ["settings/api-key: missing", "OPENROUTER_API_KEY is not set", () => ({})],
  [
    "settings/api-key: placeholder",
    "placeholder",
    () => ({ OPENROUTER_API_KEY: "sk-or-your-api-key" }),
  ],
  ["settings/api-key: invalid", "a space", () => ({ OPENROUTER_API_KEY: "sk-or-v1 0123456789" })],
  [
    "settings/api-key: other-service",
    "does not look like",
    () => ({ OPENROUTER_API_KEY: "sk-proj-0123456789abcdef" }),
  ],
  [
    "settings/values: invalid",
    "LLM_MAX_RETRIES is not a number",
    () => ({ ...elsewhere, LLM_MAX_RETRIES: "many" }),
  ],
  [
    "settings/values: invalid",
    "AGENT_MODEL_MAP is not valid JSON",
    () => ({ ...elsewhere, AGENT_MODEL_MAP: "{researcher: x}" }),
  ],
  [
    "settings/values: invalid",
    "DATABASE_URL",
    () => ({ ...elsewhere, DATABASE_URL: "mysql://localhost/x" }),
  ],
  [
    "settings/names: misspelt",
    "Did you mean OPENROUTER_DEFAULT_MODEL?",
    () => ({ ...elsewhere, OPENROUTER_DEFUALT_MODEL: "openai/gpt-4o" }),
  ],
  [
    "settings/roles: misspelt",
    "Did you mean researcher?",
    () => ({ ...elsewhere, AGENT_MODEL_MAP: '{"reseacher":"openai/gpt-4o"}' }),
  ],
  [
    "settings/portkey: no-v1",
    "does not end with /v1",
    () => ({
      ...elsewhere,
      PORTKEY_FALLBACKS: fallbacks(openAi),
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:9",
    }),
  ],
  [
    "settings/portkey: hosted-only",
    "@openai-prod has a catalog name",
    () => ({
      ...elsewhere,
      PORTKEY_FALLBACKS: fallbacks({ provider: "@openai-prod", model: "gpt-4o" }),
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:2/v1",
    }),
  ],
  [
    "settings/portkey: unused",
    "no request goes through it",
    () => ({ ...elsewhere, PORTKEY_API_KEY: "pk-0123456789" }),
  ],
  [
    "files/env: readable-by-others",
    "Other users",
    async ({ folder, write }) => {
      await write({ ".env": "LLM_MAX_RETRIES=3\n" });
      await chmod(join(folder, ".env"), 0o644);
      return elsewhere;
    },
  ],
  [
    "files/env: not-ignored",
    "does not ignore the .env",
    async ({ write, git }) => {
      await git("init", "--quiet");
      await write({ ".env": "" });
      return elsewhere;
    },
  ],
  [
    "files/env: committed",
    "in the Git repository",
    async ({ write, git }) => {
      await git("init", "--quiet");
      await write({ ".env": "" });
      await git("add", ".env");
      return elsewhere;
    },
  ],
  [
    "files/home: not-ignored",
    "does not ignore .orchestra",
    async ({ git }) => {
      await git("init", "--quiet");
      return elsewhere;
    },
  ],
  [
    "install/dependencies: two-copies",
    "2 copies of zod: 4.0.0 in",
    async ({ write }) => {
      await write({
        "package.json": '{"dependencies":{"@orchestra/core":"*"}}',
        ...installed("zod", "4.0.0"),
        ...installed("@orchestra/core", "1.0.0"),
        ...installed("zod", "4.6.7", "node_modules/@orchestra/core/"),
      });
      return elsewhere;
    },
  ],
  [
    "install/dependencies: versions-differ",
    "@orchestra/core 1.0.0, @orchestra/runtime 1.1.0",
    async ({ write }) => {
      await write({
        ...installed("@orchestra/core", "1.0.0"),
        ...installed("@orchestra/runtime", "1.1.0"),
      });
      return elsewhere;
    },
  ],
  [
    "install/config: invalid",
    "exports no pipelines",
    async ({ write }) => {
      await write({ "orchestra.config.mjs": "export default {};" });
      return elsewhere;
    },
  ],
  [
    "network/proxy: not-used",
    "HTTPS_PROXY is set",
    () => ({ ...key, HTTPS_PROXY: "http://127.0.0.1:9" }),
  ],
  ["network/proxy: invalid", "HTTPS_PROXY", () => ({ ...key, HTTPS_PROXY: "proxy:3128" })],
  [
    "network/certificates: unchecked",
    "NODE_TLS_REJECT_UNAUTHORIZED is 0",
    () => ({ ...elsewhere, NODE_TLS_REJECT_UNAUTHORIZED: "0" }),
  ],
  [
    "network/base-url: proxy",
    "does not answer through the proxy of HTTP_PROXY",
    () => ({ ...elsewhere, HTTP_PROXY: "http://127.0.0.1:2", NODE_USE_ENV_PROXY: "1" }),
  ],
  [
    "network/base-url: blocked",
    "HTTP 403",
    (scene) => answering(scene, 403, "<html>Access denied</html>"),
  ],
  ["network/base-url: connection-refused", "127.0.0.1:2", () => elsewhere],
  [
    "network/base-url: other",
    "larger than",
    async (scene) => ({
      ...(await onSandbox(scene)),
      LLM_MAX_CATALOG_BYTES: "1",
      LLM_MAX_LOOKUP_BYTES: "1",
    }),
  ],
  [
    "network/base-url: name-not-found",
    "nowhere.invalid",
    () => ({ ...key, OPENROUTER_BASE_URL: "http://nowhere.invalid/v1" }),
  ],
  [
    "network/base-url: timeout",
    "took longer",
    async (scene) => ({
      ...key,
      OPENROUTER_BASE_URL: `http://127.0.0.1:${await silentServer(scene)}`,
    }),
  ],
  [
    "network/base-url: tls",
    "does not answer",
    async (scene) => {
      const { OPENROUTER_BASE_URL } = await answering(scene, 200, "{}");
      return { ...key, OPENROUTER_BASE_URL: OPENROUTER_BASE_URL.replace("http:", "https:") };
    },
  ],
  [
    "network/base-url: connection-broken",
    "does not answer",
    async ({ stack }) => {
      const server = stack.use(await startServer((request) => request.socket.destroy()));
      return { ...key, OPENROUTER_BASE_URL: server.url };
    },
  ],
  [
    "network/base-url: redirect",
    "redirects to https://example.com",
    (scene) => answering(scene, 301, "", { location: "https://example.com/v1" }),
  ],
  ["network/base-url: wrong-path", "not JSON", (scene) => answering(scene, 200, "<html></html>")],
  ["network/base-url: wrong-path", "HTTP 404", (scene) => answering(scene, 404, "<html></html>")],
  [
    "network/base-url: wrong-path",
    /The API is at http:.*\/api\/v1\./,
    async (scene) => {
      const environment = await onSandbox(scene);
      const { origin } = new URL(environment.OPENROUTER_BASE_URL);
      return { ...environment, OPENROUTER_BASE_URL: origin };
    },
  ],
  ["network/base-url: server-error", "HTTP 503", (scene) => answering(scene, 503, "{}")],
  [
    "network/clock: skewed",
    /fast|slow/,
    (scene) => onServer(scene, {}, { date: new Date(Date.now() + 3_600_000).toUTCString() }),
  ],
  ["account/key: refused", "HTTP 401", (scene) => onSandbox(scene, { keys: ["sk-or-v1-other"] })],
  [
    "account/key: management-key",
    "management",
    async (scene) => ({
      ...(await onSandbox(scene)),
      OPENROUTER_API_KEY: "sk-or-mgmt-v1-0123456789",
    }),
  ],
  [
    "account/key: expired",
    "expired at",
    (scene) => onServer(scene, keyDocument({ expires_at: days(-1) })),
  ],
  [
    "account/key: expires-soon",
    "expires at",
    (scene) => onServer(scene, keyDocument({ expires_at: days(2) })),
  ],
  [
    "account/key: unclear",
    "GET /key gave HTTP 500",
    async ({ stack }) => {
      const server = await startServer((request, response) => {
        response.writeHead(request.url === "/key" ? 500 : 200).end('{"data":[]}');
      });
      return { ...key, OPENROUTER_BASE_URL: stack.use(server).url };
    },
  ],
  [
    "account/balance: used-up",
    "$0.00 of the key's limit of $5.00",
    (scene) => onServer(scene, keyDocument({ limit: 5, limit_remaining: 0 })),
  ],
  [
    "account/balance: low",
    "$0.30 of",
    (scene) => onServer(scene, keyDocument({ limit: 5, limit_remaining: 0.3 })),
  ],
  [
    "account/tier: not-pro",
    "OPENROUTER_TIER is pro",
    async (scene) => ({
      ...(await onSandbox(scene, { limits: { tier: "free" } })),
      OPENROUTER_TIER: "pro",
    }),
  ],
  [
    "account/tier: not-free",
    "OPENROUTER_TIER is free",
    async (scene) => ({ ...(await onSandbox(scene)), OPENROUTER_TIER: "free" }),
  ],
  [
    "account/tier: no-credits",
    "these models are paid: openai/gpt-4o",
    (scene) => onSandbox(scene, { limits: { tier: "free" } }),
  ],
  [
    "account/day: used-up",
    "0 of 50 requests",
    async (scene) => ({
      ...(await onServer(
        scene,
        keyDocument({ free_model_daily_requests: { used: 50, limit: 50, remaining: 0 } }),
      )),
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o:free",
    }),
  ],
  [
    "models/roles: unknown",
    /researcher: the server has no model anthropic\/claude-3-opsu\. Nearest: anthropic\//,
    async (scene) => ({
      ...(await onSandbox(scene)),
      AGENT_MODEL_MAP: '{"researcher":"anthropic/claude-3-opsu"}',
    }),
  ],
  ...(
    [
      ["no-tools", "researcher: a/small does not call tools", []],
      ["no-schema", "validator: a/small does not fill JSON schemas", ["tools"]],
      ["small-context", "a context of 4096 tokens", ["tools", "structured_outputs"]],
    ] as const
  ).map(
    ([problem, says, abilities]): BrokenState => [
      `models/roles: ${problem}`,
      says,
      async (scene) => {
        const model = { id: "a/small", context_length: 4096, supported_parameters: abilities };
        const environment = await onServer(scene, { "/models": { data: [model] } });
        return { ...environment, OPENROUTER_DEFAULT_MODEL: "a/small" };
      },
    ],
  ),
  ...(
    [
      ["DOCUMENTS_EMBEDDING_MODEL", "openai/text-embeding-3-small", "openai/text-embedding-3-small"],
      ["DOCUMENTS_EMBEDDING_MODEL", "openai/gpt-4o", "openai/"],
      ["DOCUMENTS_RERANK_MODEL", "cohere/rerank-v3.6", "cohere/rerank-v3.5"],
    ] as const
  ).map(
    ([variable, id, nearest]): BrokenState => [
      "models/documents: unknown",
      new RegExp(`no model ${id} for .* Nearest: ${nearest}`),
      async (scene) => ({ ...(await onSandbox(scene)), [variable]: id }),
    ],
  ),
  [
    "models/fallbacks: unknown",
    "anthropic has the model claude-nought",
    async (scene) => ({
      ...(await onSandbox(scene)),
      PORTKEY_API_KEY: "pk-0123456789",
      PORTKEY_GATEWAY_URL: await gateway(scene, 200, 200),
      PORTKEY_FALLBACKS: fallbacks({ provider: "anthropic", model: "claude-nought" }),
    }),
  ],
  ...(
    [
      ["gateway: key-refused", "refuses the key (HTTP 401)", 401, 401],
      ["gateway: server-error", "gave HTTP 500", 500, 500],
      ["streaming: broken", "Every stream through the gateway fails (HTTP 500)", 200, 500],
    ] as const
  ).map(
    ([finding, says, status, streamStatus]): BrokenState => [
      `portkey/${finding}`,
      says,
      async (scene) => ({
        ...elsewhere,
        PORTKEY_FALLBACKS: fallbacks(openAi),
        PORTKEY_GATEWAY_URL: await gateway(scene, status, streamStatus),
      }),
    ],
  ),
  [
    "portkey/gateway: unreachable",
    "http://127.0.0.1:2/v1 does not answer",
    () => ({
      ...elsewhere,
      PORTKEY_FALLBACKS: fallbacks(openAi),
      PORTKEY_GATEWAY_URL: "http://127.0.0.1:2/v1",
    }),
  ],
  [
    "database/connection: unreachable",
    "127.0.0.1:1/mine",
    () => ({ ...elsewhere, DATABASE_URL: "postgresql://me:hunter22@127.0.0.1:1/mine" }),
  ],
  [
    "database/connection: not-writable",
    "cannot be made",
    async ({ write }) => {
      await write({ home: "a file" });
      return { ...elsewhere, ORCHESTRA_HOME: "home" };
    },
  ],
  [
    "database/connection: no-privilege",
    "may not create schemas",
    async (scene) => {
      const role = `doctor_${randomUUID().replaceAll("-", "")}`;
      return asRole(scene, role, `CREATE ROLE ${role} LOGIN PASSWORD 'hunter22'`);
    },
  ],
  [
    "database/connection: read-only",
    "takes no changes",
    async (scene) => {
      const role = `doctor_${randomUUID().replaceAll("-", "")}`;
      const create = `CREATE ROLE ${role} LOGIN PASSWORD 'hunter22'`;
      return asRole(scene, role, create, `ALTER ROLE ${role} SET default_transaction_read_only = on`);
    },
  ],
  [
    "database/migrations: newer",
    "does not know: 9999",
    (scene) => onPostgres(scene, "INSERT INTO migrations (id, name) VALUES (9999, 'future')"),
  ],
  [
    "database/migrations: pending",
    "an older version",
    (scene) => onPostgres(scene, "DELETE FROM migrations WHERE id = 2"),
  ],
];

/** A database on a real server that a runtime has used, after one more statement. */
export async function onPostgres({ stack }: Scene, statement?: string): Promise<NodeJS.ProcessEnv> {
  const schema = `test_${randomUUID().replaceAll("-", "")}`;
  const url = inject("databaseUrl");
  await migrateDatabase({ settings: { databaseUrl: url, databaseSchema: schema } });
  const database = stack.use(await openDatabase({ url, schema, maxConnections: 2 }));
  const drop = `DROP SCHEMA "${schema}", "${schema}_queue" CASCADE`;
  stack.defer(async () => void (await database.query(drop)));
  if (statement) await database.query(statement.replace("migrations", `"${schema}".migrations`));
  return { ...elsewhere, DATABASE_URL: url, ORCHESTRA_DATABASE_SCHEMA: schema };
}

/** The server, as a role that these statements make. */
async function asRole({ stack }: Scene, role: string, ...statements: readonly string[]) {
  const url = inject("databaseUrl");
  const database = stack.use(await openDatabase({ url, schema: "doctor_roles", maxConnections: 2 }));
  for (const statement of statements) await database.query(statement);
  stack.defer(async () => void (await database.query(`DROP ROLE ${role}`)));
  const own = new URL(url);
  own.username = role;
  own.password = "hunter22";
  return { ...elsewhere, DATABASE_URL: own.href };
}
