import { ArgumentError } from "@orchestra/core/gateway";
import { checkInput, schemas } from "@orchestra/core/extend";
import type { Orchestra } from "@orchestra/core";
import type { Runnable } from "@langchain/core/runnables";
import type { BaseCheckpointSaver } from "@langchain/langgraph";
import { z } from "zod";

/** The parameter of a pipeline's `create`. */
export interface PipelineContext {
  /** Rate limits, budgets and the log are shared with all other runs. */
  readonly orchestra: Orchestra;
  /** For a LangGraph graph: `compile({ checkpointer })`. */
  readonly checkpointer: BaseCheckpointSaver;
}

/** A pipeline that can be run durably: a name by which every worker knows it, and a function that creates it. */
export interface Pipeline {
  /** Letters, digits, `-` and `_`. It is stored with every run, so it must not be changed later. */
  readonly name: string;
  /**
   * Letters, digits, `-`, `_` and `.`. A run keeps the version that it began with, and only a worker
   * that has this version takes it. Change it when the steps of the graph change; keep the old version, in addition
   * to the new one, until its runs have ended.
   *
   * @defaultValue `"1"`
   */
  readonly version?: string | undefined;
  /** Schema of inputs. A run whose input does not match is not started. @defaultValue any JSON */
  readonly input?: z.ZodType | undefined;
  /**
   * Creates the runnable; called once in each process.
   *
   * A LangGraph graph continues from its last checkpoint after a crash, and can wait for an approval.
   * Any other runnable starts from its beginning. In both cases, calls in the journal are not repeated.
   */
  readonly create: (context: PipelineContext) => Runnable | Promise<Runnable>;
  /**
   * Whether an output is a success. A run for which it returns anything else fails with code `pipeline_outcome`.
   *
   * @defaultValue rejected if its `status` is `"rejected"`
   */
  readonly outcome?: ((output: unknown) => "succeeded" | "rejected") | undefined;
}

const pipelineFields = z.strictObject({
  name: z.string(),
  version: z.string().optional(),
  input: schemas.zodSchema.optional(),
  create: schemas.callback,
  outcome: schemas.callback.optional(),
});

/**
 * Defines a pipeline for durable runs.
 *
 * @throws {ArgumentError} for an invalid name, version or field, and for an unknown one
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
  checkInput(pipelineFields, pipeline, "definePipeline()", "pipeline");
  checkNames(pipeline);
  return pipeline;
}

/** @throws {ArgumentError} for an invalid name or version */
export function checkNames(pipeline: Pick<Pipeline, "name" | "version">): void {
  if (!/^[A-Za-z][\w-]{0,99}$/.test(pipeline.name)) {
    throw new ArgumentError(
      `${JSON.stringify(pipeline.name)} is not a valid name of a pipeline: expected up to 100 letters, digits, - and _, beginning with a letter, such as "answer"`,
    );
  }
  if (!/^[\w][\w.-]{0,63}$/.test(versionOf(pipeline))) {
    throw new ArgumentError(
      `${JSON.stringify(pipeline.version)} is not a valid version of the pipeline ${pipeline.name}: expected up to 64 letters, digits, -, _ and ., such as "2" or "2026-11-27"`,
    );
  }
}

export function versionOf({ version = "1" }: Pick<Pipeline, "version">): string {
  return version;
}

/** The name of one version of a pipeline, in the queue and between workers. */
export function keyOf({
  name,
  version,
}: {
  readonly name: string;
  readonly version: string;
}): string {
  return `${name}@${version}`;
}
