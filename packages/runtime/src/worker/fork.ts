import type { Runnable } from "@langchain/core/runnables";
import { START } from "@langchain/langgraph";
import { RunStateError } from "../errors/index.ts";
import { runFormat, type Fork, type RunRow } from "../runs/index.ts";
import { checkpointOf, isGraph } from "./run-pipeline.ts";

/**
 * Finds where a run was just before a step, for the last time.
 *
 * @throws {RunStateError} if it did not reach the step
 */
export async function forkTo(
  { id, status, pipeline, format }: RunRow,
  runnable: Runnable,
  step: string,
): Promise<Fork> {
  if (format > runFormat) {
    throw new RunStateError(
      `Run ${id} was executed by a newer version, whose steps this one cannot read: retry it from a process of that version`,
      status,
    );
  }
  if (!isGraph(runnable)) {
    throw new RunStateError(`${pipeline} is not a graph and has no steps to go back to`, status);
  }
  const steps = new Set<string>();
  let latest: string | undefined;
  for await (const state of runnable.getStateHistory({ configurable: { thread_id: id } })) {
    const checkpoint = checkpointOf(state);
    latest ??= checkpoint;
    for (const next of state.next) if (next !== START) steps.add(next);
    if (checkpoint && latest && state.next.includes(step)) return { from: checkpoint, latest };
  }
  const known = [...steps].toReversed().join(", ") || "none";
  throw new RunStateError(
    `Run ${id} did not reach the step ${JSON.stringify(step)}: expected one of its steps: ${known}`,
    status,
  );
}
