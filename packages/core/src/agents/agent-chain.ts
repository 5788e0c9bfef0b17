import { randomUUID } from "node:crypto";
import {
  _coerceToRunnable,
  RunnableSequence,
  type Runnable,
  type RunnableBatchOptions,
  type RunnableConfig,
  type RunnableLike,
} from "@langchain/core/runnables";

import { z } from "zod";
import { atCaller } from "../errors/at-caller.ts";
import { errorOf } from "../errors/error-of.ts";
import { expected } from "../errors/explain-issue.ts";
import { checkInput } from "../input/check-input.ts";
import * as input from "../input/schemas.ts";
import type { InputOf, Invocable, Problem } from "./step-problem.ts";

/**
 * The type of a valid next step in a chain; for an invalid step, a text with the reason. LangChain's type accepts
 * a runnable that needs more than it gets, such as an executor after a researcher.
 */
export type NextStep<Given, Next, Step> = [Given] extends [InputOf<Step>]
  ? RunnableLike<Given, Next>
  : Step extends Invocable
    ? Problem<"The next step", InputOf<Step>, "this one", Given>
    : RunnableLike<Given, Next>;

/**
 * A graph of LangGraph. For the compiler it is not a runnable of its output, because its stream may consist of
 * updates.
 */
export interface Graph {
  invoke(...args: never[]): Promise<unknown>;
  getState(...args: never[]): unknown;
}

/** A chain that ends with a graph. */
export type GraphChain<Input, Step extends Graph> = AgentChain<
  Input,
  Exclude<Awaited<ReturnType<Step["invoke"]>>, Error>
>;

/** A graph that is a valid next step in a chain. */
export type NextGraph<Given, Step> = [Given] extends [InputOf<Step>] ? Step : never;

/**
 * The result of `agent.pipe(next)`: a sequence whose steps share one run, and so one run id, one
 * trace id and one line in the ledger.
 */
export class AgentChain<Input, Output> extends RunnableSequence<Input, Output> {
  override invoke(input: Input, config?: RunnableConfig): Promise<Output> {
    return super.invoke(input, withRunId(config));
  }

  override batch(
    inputs: Input[],
    options?: Partial<RunnableConfig> | Partial<RunnableConfig>[],
    batchOptions?: RunnableBatchOptions & { returnExceptions?: false },
  ): Promise<Output[]>;
  override batch(
    inputs: Input[],
    options?: Partial<RunnableConfig> | Partial<RunnableConfig>[],
    batchOptions?: RunnableBatchOptions,
  ): Promise<(Output | Error)[]>;
  /** @throws {ArgumentError} for a value that is not a list of inputs */
  override batch(
    ...given: Parameters<RunnableSequence<Input, Output>["batch"]>
  ): Promise<(Output | Error)[]> {
    checkInput(z.array(z.unknown()), given[0], "batch()", "inputs");
    return atCaller(super.batch(...given));
  }

  override stream(input: Input, config?: Partial<RunnableConfig>) {
    return atCaller(super.stream(input, config));
  }

  override _streamIterator(input: Input, config?: RunnableConfig): AsyncGenerator<Output> {
    return super._streamIterator(input, withRunId(config));
  }

  override pipe<Step extends Graph>(graph: Step & NextGraph<Output, Step>): GraphChain<Input, Step>;
  override pipe<Next, Step = unknown>(
    next: Step & NextStep<Output, Next, Step>,
  ): AgentChain<Input, Exclude<Next, Error>>;
  override pipe(next: unknown): AgentChain<Input, unknown> {
    return chain(this, next as Runnable<Output, unknown>);
  }
}

const step = z.lazy(() =>
  z.union([input.callback, input.object], {
    error: expected("an agent, another runnable or a function"),
  }),
);

export function chain<Input, Middle, Output>(
  first: Runnable<Input, Middle>,
  next: RunnableLike<Middle, Output>,
): AgentChain<Input, Exclude<Output, Error>> {
  checkInput(step, next, "pipe()", "next");
  const last = typeof next === "function" ? withNamedErrors(next) : next;
  return new AgentChain({
    first,
    last: _coerceToRunnable(last) as Runnable<unknown, Exclude<Output, Error>>,
  });
}

type Lambda = (input: never, ...rest: never[]) => unknown;

/** The same function, which throws only errors. */
function withNamedErrors<Input, Output>(lambda: Lambda): RunnableLike<Input, Output> {
  const named = async (...given: Parameters<Lambda>) => {
    try {
      return await lambda(...given);
    } catch (thrown) {
      throw errorOf(thrown, "The function that pipe() was given");
    }
  };
  return named as unknown as RunnableLike<Input, Output>;
}

function withRunId(config: RunnableConfig = {}): RunnableConfig {
  const { configurable = {} } = config;
  return { ...config, configurable: { run_id: randomUUID(), ...configurable } };
}
