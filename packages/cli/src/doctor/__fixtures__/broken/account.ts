import { startServer } from "../../../test-support/start-server.ts";
import { keyDocument, onSandbox, onServer } from "../scene.ts";
import { key, type BrokenState } from "./state.ts";

const days = (count: number) => new Date(Date.now() + count * 86_400_000).toISOString();

export const accountStates: readonly BrokenState[] = [
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
];
