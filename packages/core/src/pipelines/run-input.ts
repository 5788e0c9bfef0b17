import { ensureConfig, type RunnableConfig } from "@langchain/core/runnables";
import { isCommand } from "@langchain/langgraph";
import { z } from "zod";
import { madeRuns } from "../call/open-runs.ts";
import { expected } from "../errors/explain-issue.ts";
import { checkInput } from "../input/check-input.ts";
import { isObject } from "../input/is-object.ts";
import { id } from "../input/schemas.ts";
import { runConfig } from "../gateway/call-options-schema.ts";
import { runIdOf } from "../gateway/call-options.ts";
import type { PipelineState } from "./pipeline-state.ts";

/** Input of a run. */
export interface PipelineInput {
  /** The task. */
  readonly task: string;
  /** @defaultValue `run_id` in `configurable`, or else that of the outer graph, or else a new one */
  readonly runId?: string;
}

const taskIsExpected = expected("a text that describes the task");

const runInput = z.looseObject(
  { task: z.string({ error: taskIsExpected }).min(1, "is empty"), runId: id.optional() },
  { error: expected('an object with a task, such as { task: "…" }') },
);

/** @throws {ArgumentError} for an invalid input or config */
export function checkRun(input: unknown, config: unknown): void {
  if (input !== null && !isCommand(input)) checkInput(runInput, input, "The run", "input");
  if (config !== undefined) checkInput(runConfig, config, "The run", "config");
}

/** Whether an input begins a run: `null` and a command continue one. */
export function isNewRun(input: unknown): input is PipelineInput {
  return isObject(input) && !isCommand(input);
}

/** The state of a new run. It names every field, because its thread may have the state of an earlier run. */
export function freshState({ task, runId }: PipelineInput, config: RunnableConfig | undefined) {
  const id = runId ?? runIdOf(ensureConfig(config));
  // A later invocation may continue the run of a thread, with the same budget.
  if (config?.configurable?.["thread_id"] !== undefined) madeRuns.ids.delete(id);
  return {
    task,
    // Set now, because the run may be interrupted in its first step.
    runId: id,
    revisions: 0,
    findings: undefined,
    taskOfFindings: undefined,
    review: undefined,
    approval: undefined,
    status: undefined,
    answer: "",
    citations: [],
    reasons: [],
  } satisfies PipelineState;
}
