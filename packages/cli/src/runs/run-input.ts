import { resolve } from "node:path";
import type { Pipeline, Runtime } from "@orchestra/runtime";
import { z } from "zod";
import { ConfigError } from "../config/index.ts";
import type { Surroundings } from "../surroundings.ts";
import { UsageError } from "../errors/usage-error.ts";
import { readTask, readText } from "./read-task.ts";

/** What a run is to begin with. */
export interface GivenInput {
  /** Of the command line; `-` is what standard input has. */
  readonly task?: string | undefined;
  /** The same as JSON, for the pipeline as it is. */
  readonly input?: string | undefined;
  /** Nothing where a built-in one is run. */
  readonly pipeline?: Pipeline | undefined;
  readonly docs?: string | undefined;
  readonly mcp?: string | undefined;
  readonly role?: string | undefined;
}

/**
 * Finds what is wrong with an input before there is a runtime. A pipeline without a schema is made to know
 * what it takes, which needs one.
 *
 * @returns the input, when there is a runtime
 * @throws {UsageError} for an input that the pipeline does not take, or none
 */
export async function prepareInput(
  given: GivenInput,
  surroundings: Surroundings,
): Promise<(runtime: Runtime) => Promise<unknown>> {
  const { pipeline } = given;
  const input = await readInput(given, surroundings);
  if (input !== undefined) {
    if (pipeline?.input) await check(pipeline.name, pipeline.input, input);
    return async () => input;
  }
  const task = await readTask(given.task, surroundings);
  if (!pipeline) return async () => builtInInput(task, given, surroundings.folder);
  const { name, input: schema } = pipeline;
  if (!schema) return (runtime) => inputOfRunnable(pipeline, task, runtime);
  const fitting = await inputForTask(name, schema, task);
  return async () => fitting;
}

/** @throws {UsageError} for what is not JSON, and for a task beside it */
async function readInput(
  { task, input }: GivenInput,
  surroundings: Surroundings,
): Promise<unknown> {
  if (input === undefined) return undefined;
  if (task !== undefined) throw new UsageError("A task and --input cannot be combined: give one.");
  const text = await readText(input, surroundings);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `--input is not JSON: expected the input of the pipeline, such as '{"task":"…"}', quoted for the shell.`,
    );
  }
}

/** @throws {UsageError} with what is wrong, and the whole schema */
async function check(name: string, schema: z.ZodType, input: unknown): Promise<void> {
  const { error } = await schema.safeParseAsync(input);
  if (!error) return;
  const problem = z.prettifyError(error);
  throw new UsageError(
    `The pipeline ${name} cannot use this --input: ${problem}${describe(schema)}`,
  );
}

/**
 * Pipelines take an object with a `task`, as Orchestra's own do, or the text alone.
 *
 * @throws {UsageError} for a pipeline that takes neither
 */
async function inputForTask(name: string, schema: z.ZodType, task: string): Promise<unknown> {
  if ((await schema.safeParseAsync({ task })).success) return { task };
  if ((await schema.safeParseAsync(task)).success) return task;
  throw new UsageError(
    `The pipeline ${name} cannot be run with this task: its input is neither { task } nor a text. Give its input as JSON, with --input instead of the task.${describe(schema)}`,
  );
}

/** What a schema takes; nothing for one that JSON Schema cannot describe. */
function describe(schema: z.ZodType): string {
  try {
    const { $schema: _, ...described } = z.toJSONSchema(schema, {
      io: "input",
      unrepresentable: "any",
    });
    return `\nIts schema: ${JSON.stringify(described)}`;
  } catch {
    return "";
  }
}

const createAdvice = "create() gets one object: create: ({ orchestra, checkpointer }) => …";

/**
 * Of a pipeline without a schema: a model takes the text, anything else an object.
 *
 * @throws {ConfigError} for a pipeline that cannot be made
 */
async function inputOfRunnable(
  pipeline: Pipeline,
  task: string,
  { gateway }: Runtime,
): Promise<unknown> {
  try {
    const { Orchestra } = await import("@orchestra/core");
    const { MemorySaver } = await import("@langchain/langgraph");
    const orchestra = new Orchestra(gateway);
    const made: unknown = await pipeline.create({ orchestra, checkpointer: new MemorySaver() });
    const isModel = typeof made === "object" && made !== null && "_llmType" in made;
    return isModel ? task : { task };
  } catch (error) {
    // In contrast to agents() of the config, create() does not get an Orchestra alone.
    const advice = error instanceof TypeError ? `. ${createAdvice}` : "";
    throw new ConfigError(
      `The pipeline ${pipeline.name} cannot be made: ${String(error)}${advice}`,
      { cause: error },
    );
  }
}

function builtInInput(task: string, { docs, mcp, role }: GivenInput, folder: string): object {
  if (docs !== undefined) return { task, docs: resolve(folder, docs) };
  return { task, role, ...(mcp === undefined ? {} : { mcp: resolve(folder, mcp) }) };
}
