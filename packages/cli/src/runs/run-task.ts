import { resolve } from "node:path";
import { MemorySaver } from "@langchain/langgraph";
import type { Pipeline, Runtime } from "@orchestra/runtime";
import type { Surroundings } from "../surroundings.ts";
import { UsageError } from "../usage-error.ts";
import { builtInNames } from "./built-in-pipelines.ts";
import { checkModels, finishRun } from "./finish-run.ts";
import { openRuns, type OpenedRuns } from "./open-runs.ts";
import { readTask } from "./read-task.ts";

/** What the command line says of a run. */
export interface RunTaskOptions {
  readonly config?: string | undefined;
  /** Folder of documents to answer from. */
  readonly docs?: string | undefined;
  /** File of the MCP servers whose tools the model gets. */
  readonly mcp?: string | undefined;
  /** Name of a pipeline of the config. */
  readonly pipeline?: string | undefined;
  /** Role whose model answers, without a pipeline. */
  readonly role?: string | undefined;
  readonly budgetUsd?: number | undefined;
  /** Whether someone has to approve before the executor. */
  readonly approve?: boolean | undefined;
  /** Only put the run into the queue. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/** Above what programs start: a worker of one run at a time takes this one first. */
const priority = 100;

/**
 * Runs a task, shows its progress and prints its answer.
 *
 * @throws {UsageError} for options that do not go together
 * @throws {FailedError} for a run that did not succeed
 */
export async function runTask(
  given: string,
  options: RunTaskOptions,
  surroundings: Surroundings,
): Promise<void> {
  checkOptions(options);
  const task = await readTask(given, surroundings);
  const { budgetUsd: budgetUsdPerRun, config, docs } = options;
  // Before the database is opened, and made where there is none.
  if (docs !== undefined) await checkDocs(resolve(surroundings.folder, docs));
  const settings = budgetUsdPerRun === undefined ? {} : { budgetUsdPerRun };
  await using runs = await openRuns({ config, settings }, surroundings);
  const { name, input } = await choose(task, options, runs, surroundings.folder);
  if (!options.detach) checkModels(runs.runtime);
  const run = await runs.runtime.start(name, input, {
    priority,
    approval: options.approve ?? false,
  });
  if (!options.detach) {
    await finishRun({ ...runs, isForThisProcess: () => true }, run, options, surroundings);
    return;
  }
  const { stdout } = surroundings;
  stdout.write(options.json ? `${JSON.stringify(run, null, 2)}\n` : `${run.id}\n`);
}

const alternatives = ["docs", "pipeline", "role"] as const;

function checkOptions(options: RunTaskOptions): void {
  const given = alternatives.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    const names = given.map((name) => `--${name}`).join(" and ");
    throw new UsageError(`${names} do not go together: each says what is run.`);
  }
  const withoutTools = options.docs === undefined ? "pipeline" : "docs";
  if (options.mcp !== undefined && options[withoutTools] !== undefined) {
    throw new UsageError(
      `--mcp and --${withoutTools} do not go together: --mcp gives tools to one role. A pipeline gets them from openMcpServers() in its own code.`,
    );
  }
  if (options.detach && (options.docs ?? options.mcp ?? options.role) !== undefined) {
    throw new UsageError("--detach is for pipelines of the config, which workers know.");
  }
  if (options.detach && options.budgetUsd !== undefined) {
    throw new UsageError(
      "--budget-usd is for runs of this process; set LLM_BUDGET_USD_PER_RUN where the workers are.",
    );
  }
  if (options.approve && (options.mcp ?? options.role) !== undefined) {
    throw new UsageError(
      "--approve is for pipelines: one answer of a model has nothing to approve.",
    );
  }
}

interface Chosen {
  readonly name: string;
  readonly input: unknown;
}

/** What is run: what the options name, else the only pipeline of the config, else the general model. */
async function choose(
  task: string,
  { docs, mcp, pipeline, role, approve }: RunTaskOptions,
  { pipelines, runtime, useDocs }: OpenedRuns,
  folder: string,
): Promise<Chosen> {
  if (docs !== undefined) {
    const path = resolve(folder, docs);
    useDocs(path);
    return { name: builtInNames.answer, input: { task, docs: path } };
  }
  if (mcp !== undefined) {
    return { name: builtInNames.chat, input: { task, role, mcp: resolve(folder, mcp) } };
  }
  if (role !== undefined) return { name: builtInNames.chat, input: { task, role } };
  if (pipeline === undefined && pipelines.length > 1) {
    const names = pipelines.map(({ name }) => name).join(", ");
    throw new UsageError(`The config has several pipelines: name one with --pipeline (${names}).`);
  }
  const chosen = pipelines.find(({ name }) => pipeline === undefined || name === pipeline);
  if (chosen) return { name: chosen.name, input: await inputFor(chosen, task, runtime) };
  if (pipeline !== undefined) {
    const names = pipelines.map(({ name }) => name).join(", ") || "none";
    throw new UsageError(`There is no pipeline ${pipeline}; the config has: ${names}.`);
  }
  if (approve) throw new UsageError("--approve needs --docs, or a pipeline of the config.");
  return { name: builtInNames.chat, input: { task } };
}

/** Before a run is started that could only fail. */
async function checkDocs(folder: string): Promise<void> {
  const { openDocuments } = await import("@orchestra/tools/documents");
  await openDocuments(folder);
}

/**
 * Pipelines take an object with a `task`, as Orchestra's own do, or the text alone. One without a schema
 * takes the text if it is a model.
 */
async function inputFor(
  { input: schema, create }: Pipeline,
  task: string,
  { orchestra }: Runtime,
): Promise<unknown> {
  if (schema) return schema.safeParse({ task }).success ? { task } : task;
  const runnable = await create({ orchestra, checkpointer: new MemorySaver() });
  return "_llmType" in runnable ? task : { task };
}
