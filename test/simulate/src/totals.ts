import { checks, type CheckName } from "./checks/index.ts";
import type { SimulationResult } from "./simulate.ts";

/** A seed that failed, and why. */
export interface FailedSeed {
  readonly seed: number;
  readonly violations: SimulationResult["violations"];
}

/** Many simulations together. */
export interface Totals {
  seeds: number;
  calls: number;
  requests: number;
  unknowable: number;
  virtualMs: number;
  readonly outcomes: Record<string, number>;
  readonly failed: FailedSeed[];
}

export function newTotals(): Totals {
  return { seeds: 0, calls: 0, requests: 0, unknowable: 0, virtualMs: 0, outcomes: {}, failed: [] };
}

/** Counts one simulation. */
export function count(totals: Totals, result: SimulationResult): void {
  totals.seeds += 1;
  totals.calls += result.calls;
  totals.requests += result.requests;
  totals.unknowable += result.unknowable;
  totals.virtualMs += result.virtualMs;
  for (const [kind, number] of Object.entries(result.outcomes))
    addTo(totals.outcomes, kind, number);
  const { seed, violations } = result;
  if (violations.length > 0) totals.failed.push({ seed, violations });
}

/** Adds what another worker has counted. */
export function merge(totals: Totals, other: Totals): void {
  totals.seeds += other.seeds;
  totals.calls += other.calls;
  totals.requests += other.requests;
  totals.unknowable += other.unknowable;
  totals.virtualMs += other.virtualMs;
  for (const [kind, number] of Object.entries(other.outcomes)) addTo(totals.outcomes, kind, number);
  totals.failed.push(...other.failed);
}

/** How many seeds violate each check. */
export function failedByCheck({ failed }: Totals): Partial<Record<CheckName, number>> {
  const counts: Record<string, number> = {};
  for (const { violations } of failed) {
    for (const check of new Set(violations.map((violation) => violation.check)))
      addTo(counts, check, 1);
  }
  return counts;
}

export const checkNames = Object.keys(checks) as readonly CheckName[];

function addTo(counts: Record<string, number>, key: string, number: number): void {
  counts[key] = (counts[key] ?? 0) + number;
}
