import type { CallRecord, LedgerLine } from "@orchestra/core";
import type { CallOutcome, TimedEvent } from "./call-outcome.ts";
import type { ProviderRequest } from "./provider/request-log.ts";
import type { SimulatedSettings } from "./scenario/settings.ts";
import type { World } from "./scenario/world.ts";

/** All data about one simulation at its end, for the checks. */
export interface Evidence {
  readonly world: World;
  readonly settings: SimulatedSettings;
  readonly outcomes: readonly CallOutcome[];
  readonly requests: readonly ProviderRequest[];
  /** Since when Orchestra knows the prices of the catalog, in milliseconds since the epoch. */
  readonly pricesKnownAt: number;
  /** Unhandled rejections. Each one would end a process. */
  readonly unhandled: readonly unknown[];
  readonly records: readonly CallRecord[];
  /** All events, in their order. */
  readonly events: readonly TimedEvent[];
  readonly total: LedgerLine;
  readonly leftovers: Leftovers;
}

/** Resources that are left when all calls have ended and all costs are known. */
export interface Leftovers {
  readonly timers: number;
  readonly openBodies: number;
  /** Listeners on the signals of callers. */
  readonly listeners: number;
}

/** Checks one requirement. @returns a line for each violation */
export type Check = (evidence: Evidence) => readonly string[];

/** An instant as seconds after the start, for the history. */
export function seconds(ms: number, { startAt }: World): string {
  return `${((ms - startAt) / 1_000).toFixed(3)} s`;
}
