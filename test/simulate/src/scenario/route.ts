import type { Random } from "../random.ts";

/** How a route fails during an outage. */
export type OutageKind = "503" | "connection" | "silence";

export interface Outage {
  readonly kind: OutageKind;
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly until: number;
}

/** One model of the simulated provider, and its route. */
export interface SimulatedRoute {
  /** The model as the request names it; of one route alone. */
  readonly model: string;
  readonly via: "openrouter" | "portkey";
  /** Portkey's provider, for a fallback. */
  readonly provider?: string;
  /** Whether its requests count against the OpenRouter account. */
  readonly isOfAccount: boolean;
  readonly isFree: boolean;
  /** The id in the catalog; absent for a model that it does not list. */
  readonly catalogId?: string;
  /** US dollars for a token. */
  readonly promptUsd: number;
  readonly completionUsd: number;
  readonly outages: readonly Outage[];
  /** Share of the requests that fail without an outage. */
  readonly faultRate: number;
  /** Whether an aborted stream is billed for what was sent, and not in full. */
  readonly stopsOnAbort: boolean;
  /** Milliseconds from the arrival to the first token. */
  readonly latency: (random: Random) => number;
  /** Milliseconds between two pieces of an answer. */
  readonly pace: (random: Random) => number;
}

export interface RouteIdentity {
  readonly model: string;
  readonly via: SimulatedRoute["via"];
  readonly provider?: string;
  readonly isListed: boolean;
}

/** @param startAt - When the simulation begins, in milliseconds since the epoch. */
export function drawRoute(
  random: Random,
  { model, via, provider, isListed }: RouteIdentity,
  startAt: number,
): SimulatedRoute {
  const isFree = model.endsWith(":free");
  const catalogId =
    via === "openrouter" || provider === "openrouter" ? model : `${provider}/${model}`;
  // Multiples of a picodollar, so that sums of prices are exact.
  const promptUsd = isFree ? 0 : random.whole(1, 50) / 1e7;
  return {
    model,
    via,
    ...(provider === undefined ? {} : { provider }),
    isOfAccount: via === "openrouter" || provider === "openrouter",
    isFree,
    ...(isListed ? { catalogId } : {}),
    promptUsd,
    completionUsd: promptUsd * 4,
    outages: drawOutages(random, startAt),
    faultRate: random.pick([0, 0, 0.05, 0.15, 0.4]),
    stopsOnAbort: random.chance(0.6),
    latency: drawLatency(random),
    pace: drawPace(random),
  };
}

/** None, a long one, or many short ones. */
function drawOutages(random: Random, startAt: number): Outage[] {
  const shape = random.pick(["none", "none", "one", "flapping"]);
  if (shape === "none") return [];
  const kind = random.pick<OutageKind>(["503", "connection", "silence"]);
  let at = startAt + random.between(-5_000, 60_000);
  const outages: Outage[] = [];
  const count = shape === "one" ? 1 : random.whole(3, 10);
  for (let index = 0; index < count; index += 1) {
    const durationMs =
      shape === "one" ? random.between(10_000, 240_000) : random.between(500, 15_000);
    outages.push({ kind, from: at, until: at + durationMs });
    at += durationMs + random.between(500, 20_000);
  }
  return outages;
}

function drawLatency(random: Random): SimulatedRoute["latency"] {
  const base = random.between(100, 2_000);
  const shape = random.pick(["constant", "exponential", "heavy", "heavy"]);
  if (shape === "constant") return () => base;
  if (shape === "exponential") return (draw) => 20 + draw.exponential(base);
  return (draw) => draw.heavyTail(base / 2, 1.1, 180_000);
}

function drawPace(random: Random): SimulatedRoute["pace"] {
  const base = random.pick([5, 30, 100, 1_500]);
  const stalls = random.chance(0.3) ? 0.02 : 0;
  return (draw) => (draw.chance(stalls) ? draw.between(1_000, 40_000) : draw.exponential(base));
}
