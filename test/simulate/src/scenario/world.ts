import type { Random } from "../random.ts";
import { drawRoute, type SimulatedRoute } from "./route.ts";

/** The account at the simulated provider. */
export interface SimulatedAccount {
  /** Requests in any minute that the server itself allows; `Infinity` for no limit. */
  readonly requestsPerMinute: number;
  /** Whether the server counts in windows that begin on the minute, or in a sliding one. */
  readonly isFixedWindow: boolean;
  /** Requests that others make with the same account, in milliseconds since the epoch. */
  readonly foreignRequests: readonly number[];
  readonly freePerDay: number;
  readonly freeUsedToday: number;
  /** Paid requests in flight beyond which the server answers 402; `Infinity` for no limit. */
  readonly creditInFlight: number;
  /** Answer tokens that the balance covers; `Infinity` for no limit. */
  readonly affordableTokens: number;
}

/** The provider, the account and the network of one simulation. */
export interface World {
  /** Milliseconds since the epoch. */
  readonly startAt: number;
  /** Each role's own route. */
  readonly primaries: Readonly<Record<Role, SimulatedRoute>>;
  readonly fallbacks: readonly SimulatedRoute[];
  readonly account: SimulatedAccount;
  /** Share of the account requests (`GET /models`, `/key`, `/generation`) that fail. */
  readonly apiFaultRate: number;
  /** Whether the catalog is available. */
  readonly hasCatalog: boolean;
  /** Whether `fetch` ends a body when its signal aborts. A user's own `fetch` may not do that. */
  readonly fetchEndsBodies: boolean;
  /** Share of the answers for which the provider reports more tokens than `max_tokens`. */
  readonly overrunRate: number;
  readonly maxConnectMs: number;
}

export const roles = ["general", "researcher", "writer"] as const;
export type Role = (typeof roles)[number];

export const baseUrl = "https://openrouter.ai/api/v1";
export const gatewayUrl = "http://gateway.example/v1";

const dayMs = 86_400_000;

/** @param minuteLimit - The limit that the settings name, which the server has too. */
export function drawWorld(random: Random, minuteLimit: number): World {
  const startAt = drawStart(random);
  const route = (model: string) =>
    drawRoute(random, { model, via: "openrouter", isListed: true }, startAt);
  const general = route(random.chance(0.2) ? "meta/llama-4:free" : "openai/gpt-4o");
  const researcher = random.chance(0.5) ? route("anthropic/claude-sonnet") : general;
  const fallbacks = [
    { model: "gpt-4o-mini", provider: "openai", isListed: true },
    { model: "mistral/large", provider: "openrouter", isListed: true },
    { model: "own-model", provider: "groq", isListed: random.chance(0.5) },
  ] as const;
  return {
    startAt,
    primaries: { general, researcher, writer: general },
    fallbacks: fallbacks
      .slice(0, random.whole(0, 3))
      .map((entry) => drawRoute(random, { ...entry, via: "portkey" }, startAt)),
    account: drawAccount(random, minuteLimit, startAt),
    apiFaultRate: random.pick([0, 0, 0.1, 0.5]),
    hasCatalog: random.chance(0.95),
    fetchEndsBodies: random.chance(0.8),
    overrunRate: random.chance(0.1) ? 0.2 : 0,
    maxConnectMs: random.pick([0, 50, 900]),
  };
}

/** Any time of the day, and often shortly before midnight UTC. */
function drawStart(random: Random): number {
  const midnight = Date.UTC(2026, 2, 5);
  if (random.chance(0.2)) return midnight + dayMs - random.between(1_000, 120_000);
  return midnight + random.between(0, dayMs - 3_600_000);
}

function drawAccount(random: Random, minuteLimit: number, startAt: number): SimulatedAccount {
  const foreign = random.chance(0.15) ? random.whole(5, 60) : 0;
  const freePerDay = random.pick([50, 1000]);
  return {
    requestsPerMinute: minuteLimit,
    isFixedWindow: random.chance(0.5),
    foreignRequests: Array.from(
      { length: foreign },
      () => startAt + random.between(0, 180_000),
    ).toSorted((a, b) => a - b),
    freePerDay,
    freeUsedToday: random.pick([0, 0, freePerDay - 10, freePerDay]),
    creditInFlight: random.chance(0.1) ? random.whole(2, 8) : Infinity,
    affordableTokens: random.chance(0.1) ? random.whole(30, 400) : Infinity,
  };
}
