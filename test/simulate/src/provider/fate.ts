import type { Random } from "../random.ts";
import type { SimulatedRoute } from "../scenario/route.ts";

/** What becomes of a request that the account admits. */
export type Fate =
  | "answer"
  /** Refused: the provider's pool is busy, or it is down. */
  | "pool"
  | "503"
  /** No response: the connection fails, or nothing comes. */
  | "connection"
  | "silence"
  /** A 200 that is no answer. */
  | "error-body"
  | "empty"
  /** The answer begins, and does not end as it should. */
  | "cut"
  | "cut-cleanly"
  | "error-chunk"
  | "stall"
  /** The whole answer comes, with something wrong behind it. */
  | "no-usage"
  | "stays-open";

const faults: readonly [Fate, ...Fate[]] = [
  "pool",
  "503",
  "connection",
  "silence",
  "error-body",
  "empty",
  "cut",
  "cut",
  "cut-cleanly",
  "error-chunk",
  "stall",
  "no-usage",
  "stays-open",
];

/** @param now - Milliseconds since the epoch. */
export function drawFate(random: Random, route: SimulatedRoute, now: number): Fate {
  const isFault = random.chance(route.faultRate);
  const fault = random.pick(faults);
  const outage = route.outages.find(({ from, until }) => from <= now && now < until);
  if (outage) return outage.kind;
  return isFault ? fault : "answer";
}
