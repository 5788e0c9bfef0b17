import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { startSandbox } from "@orchestra/sandbox";
import { json, startServer } from "../../test-support/start-server.ts";
import { onPostgres } from "./broken/database.ts";
import { keyDocument, onSandbox, onServer, testKey, type State } from "./scene.ts";

/** States in which the doctor finds no problem. */
export const healthyStates: readonly (readonly [name: string, state: State])[] = [
  ["OpenRouter with credits", (scene) => onSandbox(scene)],
  [
    "an account without credits, and free models",
    async (scene) => ({
      ...(await onSandbox(scene, { limits: { tier: "free" } })),
      OPENROUTER_DEFAULT_MODEL: "meta-llama/llama-3.3-70b-instruct:free",
    }),
  ],
  [
    "a local server without a key",
    async ({ stack }) => {
      const models = { "/v1/models": { object: "list", data: [{ id: "qwen3:8b" }] } };
      const server = stack.use(await startServer(json(models)));
      return { OPENROUTER_BASE_URL: `${server.url}/v1`, OPENROUTER_DEFAULT_MODEL: "qwen3:8b" };
    },
  ],
  [
    "fallbacks through a gateway",
    async ({ stack }) => {
      const sandbox = stack.use(await startSandbox());
      return {
        OPENROUTER_API_KEY: testKey,
        OPENROUTER_BASE_URL: sandbox.url,
        PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
        PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o"}]',
      };
    },
  ],
  [
    "VIRTUAL_KEY and a self-hosted gateway, where each fallback has its own key",
    async ({ stack }) => {
      const sandbox = stack.use(await startSandbox());
      return {
        OPENROUTER_API_KEY: testKey,
        OPENROUTER_BASE_URL: sandbox.url,
        PORTKEY_GATEWAY_URL: sandbox.gatewayUrl,
        PORTKEY_FALLBACKS: '[{"provider":"openai","model":"gpt-4o","api_key":"sk-0123456789"}]',
        VIRTUAL_KEY: "openai-prod-0123",
      };
    },
  ],
  [
    "a collector of traces",
    async (scene) => {
      const server = scene.stack.use(await startServer(json({ "/v1/traces": {} })));
      return { ...(await onSandbox(scene)), OTEL_EXPORTER_OTLP_ENDPOINT: server.url };
    },
  ],
  [
    "a database on a server",
    async (scene) => ({ ...(await onPostgres(scene)), ...(await onSandbox(scene)) }),
  ],
  [
    "a proxy that Node.js uses, and that leaves this server out",
    async (scene) => ({
      ...(await onSandbox(scene)),
      HTTP_PROXY: "http://proxy.example.com:3128",
      NO_PROXY: "localhost,127.0.0.1",
      NODE_USE_ENV_PROXY: "1",
    }),
  ],
  [
    "values in quotes, as docker run --env-file passes them",
    async (scene) => ({
      ...(await onSandbox(scene)),
      AGENT_MODEL_MAP: `'{"researcher":"openai/gpt-4o"}'`,
      LLM_MAX_RETRIES: '"5"',
    }),
  ],
  [
    "variants of models, and roles of the program's own",
    async (scene) => ({
      ...(await onSandbox(scene)),
      OPENROUTER_DEFAULT_MODEL: "openai/gpt-4o:nitro",
      AGENT_MODEL_MAP: '{"translator":"openai/gpt-4o-mini","researcher":"openrouter/auto"}',
    }),
  ],
  [
    "a key with a limit, most of which is left",
    (scene) => onServer(scene, keyDocument({ limit: 5, limit_remaining: 4.2, usage: 0.8 })),
  ],
  [
    "settings in a private .env file that Git ignores",
    async (scene) => {
      const { OPENROUTER_API_KEY, OPENROUTER_BASE_URL } = await onSandbox(scene);
      await scene.git("init", "--quiet");
      await scene.write({
        ".gitignore": ".env\n.orchestra/\n",
        ".env": `OPENROUTER_API_KEY=${OPENROUTER_API_KEY}\nOPENROUTER_BASE_URL=${OPENROUTER_BASE_URL}\n`,
      });
      await chmod(join(scene.folder, ".env"), 0o600);
      return {};
    },
  ],
  [
    "a config of pipelines, and settings in it",
    async (scene) => {
      await scene.write({
        "orchestra.config.mjs": `export default {
          pipelines: [{ name: "chat", create: () => undefined }],
          orchestra: { settings: { defaultModel: "openai/gpt-4o-mini" } },
        };`,
      });
      return onSandbox(scene);
    },
  ],
  [
    "variables of other programs with similar names",
    async (scene) => ({
      ...(await onSandbox(scene)),
      AGENT_NAME: "build-7",
      LOG_FORMAT: "json",
      OPENAI_API_KEY: "sk-proj-0123456789",
    }),
  ],
];
