import type { Runnable } from "@langchain/core/runnables";
import type { START } from "@langchain/langgraph";
import { RunStateError } from "../errors/index.ts";
import { runFormat, type Fork, type RunRow } from "../runs/index.ts";
import { checkpointOf, isGraph, type Graph } from "./run-pipeline.ts";

/** LangGraph's own step, before a graph's first. Its module is not loaded for this. */
const start: typeof START = "__start__";

/** A next or earlier step of a graph. */
export interface Task {
  readonly id: string;
  readonly name: string;
}

/** The position of a run just before a step. */
export interface Place extends Fork {
  /** All next steps. */
  readonly tasks: readonly Task[];
}

/**
 * Finds the position of a run just before a step, for the last time.
 *
 * @throws {RunStateError} if it did not reach the step
 */
export async function forkTo(row: RunRow, runnable: Runnable, step: string): Promise<Fork> {
  const graph = requireGraph(row, runnable);
  const { place, steps } = await findPlace(row, graph, ({ name }) => name === step);
  if (place) return { from: place.from, latest: place.latest };
  throw didNotReach(row, `the step ${JSON.stringify(step)}`, `one of its steps: ${listOf(steps)}`);
}

/** @throws {RunStateError} */
function requireGraph(row: RunRow, runnable: Runnable): Graph {
  requireReadable(row);
  if (isGraph(runnable)) return runnable;
  throw new RunStateError(
    `${row.pipeline} is not a graph and has no steps to go back to`,
    row.status,
  );
}

/** @throws {RunStateError} for a run of a newer version */
export function requireReadable({ id, status, format }: RunRow): void {
  if (format <= runFormat) return;
  throw new RunStateError(
    `Run ${id} was executed by a newer version, whose steps this one cannot read: use a process of that version`,
    status,
  );
}

/**
 * Finds the position of a run just before a task, for the last time.
 *
 * @returns if there is none, the steps that it has reached, in their order
 */
export async function findPlace(
  { id }: Pick<RunRow, "id">,
  graph: Graph,
  isIt: (task: Task) => boolean,
): Promise<{ readonly place?: Place; readonly steps: readonly string[] }> {
  const steps = new Set<string>();
  let latest: string | undefined;
  for await (const state of graph.getStateHistory({ configurable: { thread_id: id } })) {
    const from = checkpointOf(state);
    latest ??= from;
    const tasks = state.tasks.filter(({ name }) => name !== start);
    for (const { name } of tasks) steps.add(name);
    if (from && latest && tasks.some(isIt)) return { place: { from, latest, tasks }, steps: [] };
  }
  return { steps: [...steps].toReversed() };
}

export function didNotReach({ id, status }: RunRow, what: string, expected: string): RunStateError {
  return new RunStateError(`Run ${id} did not reach ${what}: expected ${expected}`, status);
}

export function listOf(names: readonly string[]): string {
  return names.join(", ") || "none";
}
