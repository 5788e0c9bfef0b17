import type { Random } from "../random.ts";
import type { SimulatedRoute } from "../scenario/route.ts";

/** The result of a request that the account admits. */
export type Fate =
  | "answer"
  /** Refused: the provider's pool is busy, or it is down. */
  | "pool"
  | "503"
  /** No response: the connection fails, or no byte arrives. */
  | "connection"
  | "silence"
  /** A 200 without an answer. */
  | "error-body"
  | "empty"
  /** The answer begins, and is cut off or ends with an error. */
  | "cut"
  | "cut-cleanly"
  | "error-chunk"
  | "stall"
  /** The whole answer arrives, with an error after it. */
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
