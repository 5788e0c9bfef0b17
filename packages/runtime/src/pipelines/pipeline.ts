import { ArgumentError, type Orchestra } from "@orchestra/core";
import type { Runnable } from "@langchain/core/runnables";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import type { z } from "zod";

/** What a pipeline is made with. */
export interface PipelineContext {
  /** Paced, budgeted and logged together with all the other runs. */
  readonly orchestra: Orchestra;
  /** For a LangGraph graph: `compile({ checkpointer })`. */
  readonly checkpointer: BaseCheckpointSaver;
}

/** A pipeline that can be run durably: a name by which every worker knows it, and how it is made. */
export interface Pipeline {
  /** Letters, digits, `-` and `_`; part of every run, so that it is not changed later. */
  readonly name: string;
  /** What inputs are like; a run with another is not started. @defaultValue anything that JSON can hold */
  readonly input?: z.ZodType | undefined;
  /**
   * Makes the runnable; once in each process.
   *
   * A LangGraph graph goes on from its last checkpoint after a crash, and can wait for an approval.
   * Any other runnable begins anew; its calls come from the journal either way.
   */
  readonly create: (context: PipelineContext) => Runnable | Promise<Runnable>;
  /** Whether what came out is a success. @defaultValue rejected where its `status` is `"rejected"` */
  readonly outcome?: ((output: unknown) => "succeeded" | "rejected") | undefined;
}

/**
 * Defines a pipeline for durable runs.
 *
 * @throws {ArgumentError} for a name that is none
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
      `A pipeline's name is letters, digits, - and _, such as "answer"; got ${JSON.stringify(pipeline.name)}`,
    );
  }
  return pipeline;
}
