import {
  _coerceToRunnable,
  type Runnable,
  type RunnableConfig,
  type RunnableLike,
} from "@langchain/core/runnables";
import { z } from "zod";
import { errorOf } from "../errors/error-of.ts";
import { expected } from "../errors/explain-issue.ts";
import * as input from "../input/schemas.ts";

/** A step of a pipeline as a function: its return value, or the value that it resolves to, is the step's output. */
export type StepFunction<Input = never, Output = unknown> = (
  input: Input,
  config: RunnableConfig,
) => Output | Promise<Output>;

/** A step of a pipeline: an agent, another runnable, or a function. */
export type Step<Input = never, Output = unknown> =
  | Pick<Runnable<Input, Output>, "invoke">
  | StepFunction<Input, Output>;

/** The output of a step. */
export type OutputOf<S> = S extends { invoke(...args: never[]): infer Output }
  ? Awaited<Output>
  : S extends (...args: never[]) => infer Output
    ? Awaited<Output>
    : never;

/** Type of every step in the options of a pipeline. */
export const stepSchema = z.lazy(() =>
  z.union([input.callback, input.runnable], {
    error: expected("an agent, another runnable or a function"),
  }),
);

/** The required output of a step. */
export type CheckOutput<Output> = (output: Output, step: string) => Output;

/** A step that can be run. */
export type RunStep<Input, Output> = (input: Input, config: RunnableConfig) => Promise<Output>;

/**
 * Runs a function as LangChain runs it, so that traces show it. Anything that it throws becomes an error that names the step.
 *
 * @param check - Returns the step's output, or throws.
 */
export function runStep<Input, Output>(
  step: Step<Input, Output>,
  name: string,
  check: CheckOutput<Output>,
): RunStep<Input, Output> {
  const runnable = typeof step === "function" ? toRunnable(step) : step;
  return async (given, config) => {
    try {
      return check(await runnable.invoke(given, config), name);
    } catch (thrown) {
      throw errorOf(thrown, `The step '${name}' of the pipeline`);
    }
  };
}

function toRunnable<Input, Output>(step: StepFunction<Input, Output>): Runnable<Input, Output> {
  const runnable = _coerceToRunnable(step as unknown as RunnableLike<Input, Output>);
  return runnable as Runnable<Input, Output>;
}

/** Runs all steps concurrently; if one fails, the others are aborted. */
export function runAll<Input, Output>(
  steps: readonly Step<Input, Output>[],
  name: string,
  check: CheckOutput<Output>,
): RunStep<Input, readonly Output[]> {
  const runs = steps.map((step) => runStep(step, name, check));
  return async (given, config) => {
    const failure = new AbortController();
    const { signal: caller } = config;
    const signal = caller ? AbortSignal.any([caller, failure.signal]) : failure.signal;
    try {
      return await Promise.all(runs.map((run) => run(given, { ...config, signal })));
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  };
}
