import type { SimulationResult } from "./simulate.ts";
import { checkNames, failedByCheck, type FailedSeed, type Totals } from "./totals.ts";

/** Failed seeds that are described; the others are only counted. */
const maxDescribed = 10;
const maxProblems = 3;

export interface Summary extends Omit<Totals, "failed"> {
  readonly wallSeconds: number;
  readonly failedSeeds: number;
  readonly failedByCheck: Readonly<Partial<Record<string, number>>>;
  readonly failed: readonly FailedSeed[];
}

export function summaryOf(totals: Totals, wallMs: number): Summary {
  return {
    ...totals,
    wallSeconds: Math.round(wallMs / 100) / 10,
    failedSeeds: totals.failed.length,
    failedByCheck: failedByCheck(totals),
  };
}

/** The summary for people. */
export function report(totals: Totals, wallMs: number): string {
  const { seeds, calls, requests, unknowable, virtualMs, outcomes, failed } = totals;
  const failures = failedByCheck(totals);
  const kinds = Object.entries(outcomes).map(([kind, number]) => `${number} ${kind}`);
  return [
    `${seeds} seeds in ${(wallMs / 1_000).toFixed(1)} s: ${(virtualMs / 3_600_000).toFixed(0)} hours of virtual time`,
    `${calls} calls, ${requests} requests`,
    `outcomes: ${kinds.join(", ")}`,
    `${unknowable} charged requests have a cost that no client can know; all others are in the ledger`,
    `checks: ${checkNames.map((name) => `${name} ${failures[name] ? `FAILED in ${failures[name]} seeds` : "ok"}`).join(", ")}`,
    ...failed.slice(0, maxDescribed).flatMap(describeFailure),
    ...(failed.length > maxDescribed
      ? [`and ${failed.length - maxDescribed} more seeds failed`]
      : []),
  ].join("\n");
}

/** What one seed shows: its history, and what is wrong. */
export function reportSeed({
  seed,
  calls,
  requests,
  violations,
  history,
}: SimulationResult): string {
  const verdict =
    violations.length === 0
      ? [`seed ${seed}: ${calls} calls, ${requests} requests, all checks ok`]
      : [
          `seed ${seed}: ${violations.length} violations`,
          ...violations.map(({ check, problem }) => `  ${check}: ${problem}`),
        ];
  return [...history, "", ...verdict].join("\n");
}

function describeFailure({ seed, violations }: FailedSeed): string[] {
  const shown = violations.slice(0, maxProblems);
  const others = violations.length - shown.length;
  return [
    "",
    `seed ${seed} failed; repeat it with: npx -y pnpm@12 simulate --seed ${seed}`,
    ...shown.map(({ check, problem }) => `  ${check}: ${problem}`),
    ...(others > 0 ? [`  and ${others} more`] : []),
  ];
}
