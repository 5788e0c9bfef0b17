import type { CallRecord, LedgerLine } from "@orchestra/core";
import type { CallOutcome, TimedEvent } from "./call-outcome.ts";
import type { ProviderRequest } from "./provider/request-log.ts";
import type { SimulatedSettings } from "./scenario/settings.ts";
import type { World } from "./scenario/world.ts";

/** Everything that is known of one simulation when it is over; what the checks read. */
export interface Evidence {
  readonly world: World;
  readonly settings: SimulatedSettings;
  readonly outcomes: readonly CallOutcome[];
  readonly requests: readonly ProviderRequest[];
  /** Since when Orchestra knows the prices of the catalog, in milliseconds since the epoch. */
  readonly pricesKnownAt: number;
  /** Failures that nothing handled; each would end a process. */
  readonly unhandled: readonly unknown[];
  readonly records: readonly CallRecord[];
  /** All events, in their order. */
  readonly events: readonly TimedEvent[];
  readonly total: LedgerLine;
  readonly leftovers: Leftovers;
}

/** What is still there when all calls have ended and all costs are known. */
export interface Leftovers {
  readonly timers: number;
  readonly openBodies: number;
  /** Listeners on the signals of callers. */
  readonly listeners: number;
}

/** Whether one thing that must always hold did; every line is a violation. */
export type Check = (evidence: Evidence) => readonly string[];

/** An instant as the history writes it: seconds after the start. */
export function seconds(ms: number, { startAt }: World): string {
  return `${((ms - startAt) / 1_000).toFixed(3)} s`;
}
