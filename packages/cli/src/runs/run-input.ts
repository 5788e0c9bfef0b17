import { resolve } from "node:path";
import { sentences } from "@orchestra/core/extend";
import type { Pipeline, Runtime } from "@orchestra/runtime";
import { z } from "zod";
import { ConfigError } from "../config/index.ts";
import type { CommandContext } from "../command-context.ts";
import { UsageError } from "../errors/usage-error.ts";
import { readTask, readText } from "./read-task.ts";

/** What the command line has about the input of a run. */
export interface GivenInput {
  /** The task; `-` reads it from standard input. */
  readonly task?: string | undefined;
  /** Instead of a task: the input of the pipeline, as JSON; `-` reads it from standard input. */
  readonly input?: string | undefined;
  /** Absent for a built-in pipeline. */
  readonly pipeline?: Pipeline | undefined;
  readonly docs?: string | undefined;
  readonly mcp?: string | undefined;
  readonly role?: string | undefined;
}

/**
 * Checks the input of a run before the runtime is opened.
 *
 * @returns a function that returns the input. It takes a runtime, because a pipeline without a schema has to be
 * created to find out what input it takes.
 * @throws {UsageError} for a missing input, and for one that does not fit the schema of the pipeline
 */
export async function prepareInput(
  given: GivenInput,
  context: CommandContext,
): Promise<(runtime: Runtime) => Promise<unknown>> {
  const { pipeline } = given;
  const input = await readInput(given, context);
  if (input !== undefined) {
    if (pipeline?.input) await check(pipeline.name, pipeline.input, input);
    return async () => input;
  }
  const task = await readTask(given.task, context);
  if (!pipeline) return async () => builtInInput(task, given, context.folder);
  const { name, input: schema } = pipeline;
  if (!schema) return (runtime) => inputOfRunnable(pipeline, task, runtime);
  const fitting = await inputForTask(name, schema, task);
  return async () => fitting;
}

/** @throws {UsageError} for an input that is not JSON, and for an input together with a task */
async function readInput({ task, input }: GivenInput, context: CommandContext): Promise<unknown> {
  if (input === undefined) return undefined;
  if (task !== undefined) throw new UsageError("A task and --input cannot be combined: give one.");
  const text = await readText(input, context);
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(
      `--input is not JSON: expected the input of the pipeline, such as '{"task":"…"}', quoted for the shell.`,
    );
  }
}

/** @throws {UsageError} for an input that does not fit the schema; the message contains the schema */
async function check(name: string, schema: z.ZodType, input: unknown): Promise<void> {
  const { error } = await schema.safeParseAsync(input);
  if (!error) return;
  const problem = z.prettifyError(error);
  throw new UsageError(
    `The pipeline ${name} cannot use this --input: ${problem}${describe(schema)}`,
  );
}

/**
 * Returns the input for a task: `{ task }`, as Orchestra's own pipelines take it, or the text alone.
 *
 * @throws {UsageError} if the schema accepts neither
 */
async function inputForTask(name: string, schema: z.ZodType, task: string): Promise<unknown> {
  if ((await schema.safeParseAsync({ task })).success) return { task };
  if ((await schema.safeParseAsync(task)).success) return task;
  throw new UsageError(
    `The pipeline ${name} cannot be run with this task: its input is neither { task } nor a text. Give its input as JSON, with --input instead of the task.${describe(schema)}`,
  );
}

/** A line with the schema, for an error; `""` if JSON Schema cannot describe it. */
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
 * Returns the input for a pipeline without a schema: the text if the pipeline is a chat model, else `{ task }`.
 *
 * @throws {ConfigError} if `create()` of the pipeline throws
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
    // A TypeError is often `create: (orchestra) => …`: unlike agents(), create() gets an object with an Orchestra.
    // Other TypeErrors have a code, as an ArgumentError, or a cause, as that of fetch().
    const isPlain = error instanceof TypeError && !("code" in error) && error.cause === undefined;
    const advice = isPlain ? ` ${createAdvice}` : "";
    throw new ConfigError(
      `The pipeline ${pipeline.name} cannot be created: ${sentences.withStop(String(error))}${advice}`,
      { cause: error },
    );
  }
}

function builtInInput(task: string, { docs, mcp, role }: GivenInput, folder: string): object {
  if (docs !== undefined) return { task, docs: resolve(folder, docs) };
  return { task, role, ...(mcp === undefined ? {} : { mcp: resolve(folder, mcp) }) };
}
