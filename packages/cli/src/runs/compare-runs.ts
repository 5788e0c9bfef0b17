import type { CommandContext } from "../command-context.ts";
import { openRunsWith } from "./open-runs.ts";
import { printComparison } from "./print-comparison.ts";
import type { RunActionOptions } from "./run-actions.ts";
import { wholeRunId } from "./whole-run-id.ts";

/** Prints two runs step by step. `a` and `b` are ids, or their first characters. */
export async function compareRuns(
  a: string,
  b: string,
  { config, json }: RunActionOptions,
  context: CommandContext,
): Promise<void> {
  await using runs = await openRunsWith(a, { config }, context);
  const { runtime, id } = runs;
  const comparison = await runtime.compare(id, await wholeRunId(runtime, b));
  if (json) context.stdout.write(`${JSON.stringify(comparison, null, 2)}\n`);
  else printComparison(comparison, context.stdout);
}
