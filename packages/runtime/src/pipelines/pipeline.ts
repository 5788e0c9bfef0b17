import { ArgumentError, type Orchestra } from "@orchestra/core";
import type { Runnable } from "@langchain/core/runnables";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import type { z } from "zod";

/** What a pipeline is made with. */
export interface PipelineContext {
  /** Rate limits, budgets and the log are shared with all other runs. */
  readonly orchestra: Orchestra;
  /** For a LangGraph graph: `compile({ checkpointer })`. */
  readonly checkpointer: BaseCheckpointSaver;
}

/** A pipeline that can be run durably: a name by which every worker knows it, and how it is made. */
export interface Pipeline {
  /** Letters, digits, `-` and `_`; part of every run, so that it is not changed later. */
  readonly name: string;
  /** Schema of inputs. A run whose input does not match is not started. @defaultValue anything that JSON can hold */
  readonly input?: z.ZodType | undefined;
  /**
   * Makes the runnable; once in each process.
   *
   * A LangGraph graph continues from its last checkpoint after a crash, and can wait for an approval.
   * Any other runnable starts from its beginning. Calls that the journal has are not repeated either way.
   */
  readonly create: (context: PipelineContext) => Runnable | Promise<Runnable>;
  /** Whether an output is a success. @defaultValue rejected where its `status` is `"rejected"` */
  readonly outcome?: ((output: unknown) => "succeeded" | "rejected") | undefined;
}

/**
 * Defines a pipeline for durable runs.
 *
 * @throws {ArgumentError} for a name that is not valid
 *
 * @example
 * ```ts
 * const answer = definePipeline({
 *   name: "answer",
 *   input: z.object({ task: z.string() }),
 *   create: ({ orchestra, checkpointer }) =>
 *     researchValidateExecute({
 *       researcher: orchestra.researcher({ tools }),
 *       validator: orchestra.validator(),
 *       executor: orchestra.executor(),
 *       checkpointer,
 *     }),
 * });
 * ```
 */
export function definePipeline(pipeline: Pipeline): Pipeline {
  if (!/^[A-Za-z][\w-]{0,99}$/.test(pipeline.name)) {
    throw new ArgumentError(
      `${JSON.stringify(pipeline.name)} is not a valid name of a pipeline: expected up to 100 letters, digits, - and _, beginning with a letter, such as "answer"`,
    );
  }
  return pipeline;
}
