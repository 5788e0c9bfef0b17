import { createRateLimiter, Orchestra, systemClock, type OrchestraOptions } from "@orchestra/core";
import {
  dialectModel,
  DIALECTS,
  startSandbox,
  type BookEntry,
  type Sandbox,
} from "@orchestra/sandbox";
import getPort from "get-port";
import { kindsOfFault, orders } from "./faults.ts";
import type { Stage } from "./pipelines.ts";
import { racing } from "./own-policies.ts";
import { createRandom } from "./random.ts";
import { Wire } from "./wire.ts";

/** Share of the requests that fail: those to OpenRouter, and those to the gateway of the fallbacks. */
const failureShare = { openrouter: 0.2, gateway: 0.05 } as const;

const agentFallbacks = [
  { provider: "openai", model: "gpt-4o-mini", api_key: "sk-openai-0123456789" },
  { provider: "anthropic", model: "claude-3-haiku", api_key: "sk-anthropic-0123456789" },
];
const textFallbacks = [
  { provider: "openai", model: "gpt-4o", api_key: "sk-openai-0123456789" },
  { provider: "anthropic", model: "claude-3.5-sonnet", api_key: "sk-anthropic-0123456789" },
];
const agentModel = "openai/gpt-4o";
const textModel = "openai/gpt-4o-mini";

/** Both servers, for one round. */
export interface Servers extends AsyncDisposable {
  readonly entries: () => readonly BookEntry[];
}

/** The orchestras, which are the same in all rounds, and a function that starts the servers at the same addresses. */
export interface Harness {
  readonly stage: Stage;
  readonly wire: Wire;
  readonly orchestras: readonly Orchestra[];
  startServers(round: number): Promise<Servers>;
}

export interface HarnessOptions {
  readonly seed: number;
  /** Whether no request fails. */
  readonly isCalm?: boolean;
}

const silent = { error() {}, warn() {}, info() {}, debug() {} };

export async function createHarness({ seed, isCalm = false }: HarnessOptions): Promise<Harness> {
  const [main, fallback, dead] = [
    await getPort({ host: "127.0.0.1" }),
    await getPort({ host: "127.0.0.1" }),
    await getPort({ host: "127.0.0.1" }),
  ];
  const wire = new Wire({
    seed,
    refusedShare: isCalm ? 0 : failureShare.openrouter / kindsOfFault,
    deadUrl: `http://127.0.0.1:${dead}/v1/chat/completions`,
  });
  const create = (environment: Record<string, string>, options: OrchestraOptions = {}) =>
    new Orchestra({
      logger: silent,
      onEvent: wire.onEvent,
      onCall: wire.onCall,
      fetch: wire.fetch,
      random: createRandom(seed),
      policies: (defaults) => [...defaults, wire.policy],
      ...options,
      environment: {
        OPENROUTER_API_KEY: "sk-or-v1-chaos-0123456789",
        OPENROUTER_BASE_URL: `http://127.0.0.1:${main}/api/v1`,
        PORTKEY_GATEWAY_URL: `http://127.0.0.1:${fallback}/v1`,
        LLM_REQUEST_TIMEOUT: "2",
        LLM_FIRST_TOKEN_TIMEOUT: "1",
        LLM_STALL_TIMEOUT: "0.5",
        LLM_RETRY_DELAY: "0.003",
        LLM_RETRY_MAX_DELAY: "0.05",
        LLM_CIRCUIT_COOLDOWN: "0.05",
        LLM_REQUESTS_PER_MINUTE: "none",
        LLM_REQUESTS_PER_DAY: "none",
        ...environment,
      },
    });
  const prose = {
    OPENROUTER_DEFAULT_MODEL: textModel,
    PORTKEY_FALLBACKS: JSON.stringify(textFallbacks),
  };
  const stage: Stage = {
    agents: create({
      OPENROUTER_DEFAULT_MODEL: agentModel,
      PORTKEY_FALLBACKS: JSON.stringify(agentFallbacks),
    }),
    text: create(prose),
    restarting: create({ ...prose, LLM_STREAM_RESTARTS: "2" }),
    hedged: create({ ...prose, LLM_HEDGE_AFTER: "0.02" }),
    coalescing: create({ ...prose, LLM_COALESCE: "true" }),
    gateway: create({ ...prose, PREFERRED_LLM_PROVIDER: "portkey", PORTKEY_MODE: "gateway" }),
    limited: create(
      {
        ...prose,
        LLM_REQUESTS_PER_MINUTE: "300",
        LLM_TOKENS_PER_MINUTE: "300000",
        LLM_MAX_CONCURRENCY: "16",
        LLM_BUDGET_TOKENS_PER_DAY: "1000000000",
        LLM_BUDGET_TOKENS_PER_RUN: "10000000",
      },
      { rateLimiter: createRateLimiter({ clock: systemClock, windowMs: 1000 }) },
    ),
    own: create(prose, {
      policies: (defaults) => {
        const outside = defaults.findIndex(({ name }) => name === "retry") + 1;
        const inside = [...defaults.slice(outside), wire.policy, wire.repeating];
        return [...defaults.slice(0, outside), racing, ...inside];
      },
    }),
    dialects: DIALECTS.map((dialect) =>
      create({ ...prose, OPENROUTER_DEFAULT_MODEL: dialectModel(dialect) }),
    ),
  };
  const orchestras = Object.values(stage).flat();
  return {
    stage,
    wire,
    orchestras,
    async startServers(round) {
      const start = (port: number, share: number, notJson: readonly string[], salt: number) =>
        startSandbox({
          port,
          seed: seed * 1000 + round * 2 + salt,
          keepBodies: false,
          latency: { chunkCharacters: 12 },
          faults: isCalm ? [] : orders(share, notJson),
        });
      const servers: Sandbox[] = [
        await start(main, failureShare.openrouter, [agentModel], 0),
        await start(
          fallback,
          failureShare.gateway,
          agentFallbacks.map(({ model }) => model),
          1,
        ),
      ];
      // Without prices, the cost of an answer through a gateway cannot be computed.
      await Promise.all(orchestras.map(({ catalog }) => catalog.list()));
      return {
        entries: () => servers.flatMap(({ books }) => books.entries),
        [Symbol.asyncDispose]: async () => {
          await Promise.all(servers.map((server) => server.close()));
        },
      };
    },
  };
}
