import type { Surroundings } from "../surroundings.ts";
import { openRunsWith } from "./open-runs.ts";
import { printComparison } from "./print-comparison.ts";
import type { RunActionOptions } from "./run-actions.ts";
import { wholeRunId } from "./whole-run-id.ts";

/** Prints two runs step by step. `a` and `b` are ids, or their first characters. */
export async function compareRuns(
  a: string,
  b: string,
  { config, json }: RunActionOptions,
  surroundings: Surroundings,
): Promise<void> {
  await using runs = await openRunsWith(a, { config }, surroundings);
  const { runtime, id } = runs;
  const comparison = await runtime.compare(id, await wholeRunId(runtime, b));
  if (json) surroundings.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else printComparison(comparison, surroundings.stdout);
}
