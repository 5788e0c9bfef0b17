import type { CallKey, EventListener, Journal } from "@orchestra/core";
import { bounded, json, messageOf, quoted } from "@orchestra/core/extend";
import type { CompiledStateGraph, StateSnapshot } from "@langchain/langgraph";
import type { Runnable } from "@langchain/core/runnables";
import type { CheckpointLog } from "../checkpoints/index.ts";
import { payloadProblem } from "../values/payload-size.ts";
import type { Pipeline } from "../pipelines/index.ts";
import type { OpenInterrupt, RunFailure, RunRow } from "../runs/index.ts";
import { outcomeOfError, type Outcome } from "./outcome.ts";

/** @param isStored - Whether the step was done by an earlier execution, whose result the graph has read. */
export type StepListener = (step: string, isStored: boolean) => void;

export interface RunPipelineOptions {
  readonly row: RunRow;
  readonly pipeline: Pipeline;
  readonly runnable: Runnable;
  readonly journal: Journal;
  /** The client's key of the run. */
  readonly key: CallKey | undefined;
  /** The folder for the run's files. */
  readonly artifactsFolder: string;
  /** The log for the graph's checkpoints. */
  readonly log: CheckpointLog;
  readonly onEvent: EventListener;
  readonly onStep: StepListener;
  /** Maximum size of the output, and of the open questions, as JSON, in bytes. */
  readonly maxPayloadBytes: number;
  readonly signal: AbortSignal;
}

export type Graph = CompiledStateGraph<unknown, unknown, string>;

/**
 * Runs a pipeline from its current position to its end, or to a question for a person.
 *
 * @throws the signal's reason
 */
export async function runPipeline(options: RunPipelineOptions): Promise<Outcome> {
  const { runnable, row, signal } = options;
  // Callbacks cost processor time in each run and each call. Checkpoints have the failed step, and other runnables have no steps.
  const failedSteps =
    hasSteps(runnable) && !isGraph(runnable) ? await createFailedSteps() : undefined;
  try {
    if (isGraph(runnable)) return await runGraph(options, runnable);
    const config = configFor(options);
    const withCallbacks = failedSteps ? { ...config, callbacks: [failedSteps] } : config;
    return ended(options, await runnable.invoke(row.input, withCallbacks));
  } catch (error) {
    signal.throwIfAborted();
    const outcome = outcomeOfError(error, Date.now());
    if (outcome.kind !== "failed") return outcome;
    const step = isGraph(runnable)
      ? await keptStep(options, runnable, error)
      : failedSteps?.of(error);
    return step === undefined ? outcome : { ...outcome, error: { ...outcome.error, step } };
  }
}

/** Loads LangChain's callbacks: no other part of the runtime needs LangChain before it executes a run. */
async function createFailedSteps() {
  const { FailedSteps } = await import("./failed-steps.ts");
  return new FailedSteps();
}

/**
 * The step that threw the error. A graph stores the message of each step's error, also of steps that were aborted because
 * of this one. If it cannot be read, the step is omitted: the error itself is known.
 */
async function keptStep(
  options: RunPipelineOptions,
  graph: Graph,
  thrown: unknown,
): Promise<string | undefined> {
  const state = await stateOf(options, graph).catch(() => undefined);
  const failed = (state?.tasks ?? []).filter(({ error }) => error !== undefined);
  const message = messageOf(thrown);
  const isCause = ({ error }: { error?: unknown }) =>
    (error as { message?: unknown } | null)?.message === message;
  return (failed.find(isCause) ?? failed[0])?.name;
}

/** The state of a graph after its last step. */
async function stateOf({ row, log }: RunPipelineOptions, graph: Graph): Promise<StateSnapshot> {
  await log.stored();
  return graph.getState({ configurable: { thread_id: row.id } });
}

/** A graph continues from its last checkpoint. Any other runnable starts from its beginning, with its journal. */
async function runGraph(options: RunPipelineOptions, graph: Graph): Promise<Outcome> {
  const config = configFor(options);
  const { row, onStep } = options;
  const entry = await entryOf(row, graph);
  if (entry.kind === "done") return ended(options, entry.output);
  if (entry.kind === "undecided") return entry.outcome;

  let output: unknown;
  let isInterrupted = false;
  const stream = await graph.stream(
    entry.input as never,
    {
      ...config,
      configurable: { ...config.configurable, ...entry.from, run_graph: graph },
      streamMode: ["updates", "values"],
      durability: "sync",
    } as never,
  );
  for await (const [mode, chunk] of stream as AsyncIterable<[string, Updates]>) {
    if (mode === "values") output = chunk;
    else if ("__interrupt__" in chunk) isInterrupted = true;
    else {
      const { __metadata__: metadata, ...updates } = chunk;
      for (const step of Object.keys(updates)) onStep(step, metadata?.cached === true);
    }
  }
  if (!isInterrupted) return ended(options, output);
  const open = openInterrupts(await stateOf(options, graph));
  if (open.length === 0) return { kind: "failed", error: withoutQuestion(options.pipeline.name) };
  const error = unstorable("open questions", open, options);
  return error ? { kind: "failed", error } : { kind: "interrupted", interrupts: open };
}

/** The updates of steps, by their names. LangGraph marks those that it has not computed, but read. */
type Updates = { readonly __metadata__?: { readonly cached?: boolean } } & Record<string, unknown>;

/** A run that waits without a question would wait forever. */
function withoutQuestion(pipeline: string): RunFailure {
  return {
    name: "PipelineStoppedError",
    code: "stopped_without_question",
    message: `The graph of ${pipeline} stopped, and its last checkpoint has no open question. Either one of its graphs was compiled with interruptBefore or interruptAfter: call interrupt() in the step. Or the clock of this machine, or of the worker before, was wrong: correct it, and retry the run.`,
  };
}

type Entry =
  | { readonly kind: "done"; readonly output: unknown }
  | { readonly kind: "undecided"; readonly outcome: Outcome }
  /** `from` is the checkpoint to go back to, if it is not the latest. */
  | { readonly kind: "go"; readonly input: unknown; readonly from?: object };

/** Whether there can be no checkpoints: no execution, and no other run, has left any. */
export function hasNoCheckpoints({ executions, forked_from: origin }: RunRow): boolean {
  return executions === 1 && !origin;
}

/** The position at which the graph continues. */
async function entryOf(row: RunRow, graph: Graph): Promise<Entry> {
  const { id, input, decisions, fork } = row;
  if (hasNoCheckpoints(row)) return { kind: "go", input };
  const state = await graph.getState({ configurable: { thread_id: id } });
  const latest = checkpointOf(state);
  if (latest === undefined) return { kind: "go", input };
  if (latest === fork?.latest) {
    return { kind: "go", input: null, from: { checkpoint_id: fork.from } };
  }
  const interrupts = openInterrupts(state);
  if (interrupts.length > 0) {
    const decided = interrupts.filter(({ id: each }) => Object.hasOwn(decisions ?? {}, each));
    if (decided.length === 0)
      return { kind: "undecided", outcome: { kind: "interrupted", interrupts } };
    const resume = Object.fromEntries(decided.map(({ id: each }) => [each, decisions?.[each]]));
    // The graph has loaded it already. A process without graphs does not load it.
    const { Command } = await import("@langchain/langgraph");
    return { kind: "go", input: new Command({ resume }) };
  }
  // A step that was done when the worker died, and whose checkpoint is missing, is no longer in `next`.
  return state.tasks.length === 0
    ? { kind: "done", output: state.values }
    : { kind: "go", input: null };
}

/** All open questions. */
function openInterrupts({ tasks }: StateSnapshot): OpenInterrupt[] {
  return tasks.flatMap(({ name, interrupts }) =>
    interrupts.map(({ id = "", value }) => ({ id, value: value as unknown, step: name })),
  );
}

export function checkpointOf({ config }: StateSnapshot): string | undefined {
  return (config.configurable as { checkpoint_id?: string } | undefined)?.checkpoint_id;
}

function ended(options: RunPipelineOptions, output: unknown): Outcome {
  const { pipeline } = options;
  const error = unstorable("output", output, options);
  if (error) return { kind: "failed", error };
  const status: unknown = pipeline.outcome ? pipeline.outcome(output) : statusOf(output);
  if (status === "succeeded" || status === "rejected") return { kind: "ended", status, output };
  return { kind: "failed", error: withoutStatus(pipeline.name, status) };
}

/** Any other status would be stored, and a run that has not ended would be waited for indefinitely. */
function withoutStatus(pipeline: string, returned: unknown): RunFailure {
  // An unhandled rejection of an async outcome() would end the process.
  if (returned instanceof Promise) returned.catch(() => undefined);
  const shown = typeof returned === "string" ? quoted(returned) : bounded(returned as string);
  return {
    name: "PipelineOutcomeError",
    code: "pipeline_outcome",
    message: `outcome() of ${pipeline} returned ${shown}: it must return "succeeded" or "rejected", and cannot be async`,
  };
}

/** The reason why a run cannot end, or wait, with a value; `undefined` if it can. */
function unstorable(
  what: "output" | "open questions",
  value: unknown,
  { pipeline, maxPayloadBytes }: RunPipelineOptions,
): RunFailure | undefined {
  const name = "PipelineOutputError";
  const subject = `The ${what} of ${pipeline.name}`;
  try {
    const text = value === undefined ? "" : json.toJson(value);
    const problem = payloadProblem(text, maxPayloadBytes);
    if (problem === undefined) return undefined;
    return { name, code: "output_too_large", message: `${subject} cannot be stored: ${problem}` };
  } catch (error) {
    const problem = `${subject} cannot be stored as JSON: ${messageOf(error)}`;
    return { name, code: "pipeline_output", message: problem };
  }
}

function statusOf(output: unknown): "succeeded" | "rejected" {
  const isRejected = (output as { status?: unknown } | null | undefined)?.status === "rejected";
  return isRejected ? "rejected" : "succeeded";
}

function configFor(options: RunPipelineOptions) {
  const { row, journal, key, artifactsFolder, log, onEvent, signal } = options;
  return {
    signal,
    configurable: {
      thread_id: row.id,
      run_id: row.id,
      trace_id: row.trace_id ?? row.id,
      ...(row.traceparent === null ? {} : { parent_id: row.traceparent }),
      on_event: onEvent,
      journal,
      run_log: log,
      artifacts_folder: artifactsFolder,
      approval: row.approval,
      ...(row.models ? { models: row.models } : {}),
      ...(key ? { key } : {}),
      ...(row.user_name === null ? {} : { user: row.user_name }),
    },
  };
}

/** Whether it is a graph with checkpoints. */
export function isGraph(runnable: Runnable): runnable is Graph {
  return hasSteps(runnable) && "checkpointer" in runnable && runnable.checkpointer !== undefined;
}

/** Whether it is a graph, with checkpoints or without. */
function hasSteps(runnable: Runnable): boolean {
  return "getState" in runnable;
}
