import { resolve } from "node:path";
import { escapeControls } from "@orchestra/core/gateway";
import { issues } from "@orchestra/core/extend";
import type { Pipeline } from "@orchestra/runtime";
import { knownRoles, nearestRole } from "../nearest-role.ts";
import type { CommandContext } from "../command-context.ts";
import { formatCount } from "../terminal/amounts.ts";
import { writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import { builtInNames } from "./built-in-pipelines.ts";
import { checkModels } from "./check-models.ts";
import { finishRun } from "./finish-run.ts";
import { prepareRuns, type PreparedRuns } from "./open-runs.ts";
import { prepareInput } from "./run-input.ts";

/** Options of `orchestra run`. */
export interface RunTaskOptions {
  readonly config?: string | undefined;
  /** Folder of documents to answer from. */
  readonly docs?: string | undefined;
  /** File that lists the MCP servers whose tools the model gets. */
  readonly mcp?: string | undefined;
  /** Name of a pipeline of the config. */
  readonly pipeline?: string | undefined;
  /** Role that answers, without a pipeline. */
  readonly role?: string | undefined;
  readonly budgetUsd?: number | undefined;
  /** Whether a person has to approve the claims before the executor starts. */
  readonly approve?: boolean | undefined;
  /** Input of the pipeline as JSON, instead of a task; `-` reads it from standard input. */
  readonly input?: string | undefined;
  /** Put the run into the queue, and do not wait for it. */
  readonly detach?: boolean | undefined;
  readonly json?: boolean | undefined;
}

/**
 * Runs a task, prints its progress and its answer.
 *
 * @throws {UsageError} for options that are invalid or cannot be combined
 * @throws {FailedError} for a run that did not succeed
 */
export async function runTask(
  task: string | undefined,
  options: RunTaskOptions,
  context: CommandContext,
): Promise<void> {
  checkOptions(options);
  const { folder, stdout } = context;
  const { budgetUsd: budgetUsdPerRun, config } = options;
  const settings = budgetUsdPerRun === undefined ? {} : { budgetUsdPerRun };
  // All checks come before open(), which can create a database.
  const prepared = await prepareRuns({ config, settings }, context);
  const pipeline = choosePipeline(options, prepared.pipelines);
  if (!options.detach) prepared.requireModelSettings();
  if (options.role !== undefined) await checkRole(options.role, prepared);
  await checkFiles(options, context);
  const inputFor = await prepareInput({ ...options, task, pipeline }, context);

  await using runs = await prepared.open();
  const { runtime } = runs;
  if (!options.detach) await checkModels(runs, context);
  if (options.docs !== undefined) runs.useDocs(resolve(folder, options.docs));
  const run = await runtime.start(
    pipeline?.name ?? builtInNames[options.docs === undefined ? "chat" : "answer"],
    await inputFor(runtime),
    { approval: options.approve ?? false },
  );
  if (!options.detach) {
    await finishRun({ ...runs, isForThisProcess: () => true }, run, options, context);
    return;
  }
  stdout.write(options.json ? `${JSON.stringify(run, null, 2)}\n` : `${run.id}\n`);
}

const alternatives = ["docs", "pipeline", "role"] as const;

function checkOptions(options: RunTaskOptions): void {
  const given = alternatives.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    const names = given.map((name) => `--${name}`).join(" and ");
    throw new UsageError(`${names} cannot be combined: each of them selects what to run.`);
  }
  const withoutTools = options.docs === undefined ? "pipeline" : "docs";
  if (options.mcp !== undefined && options[withoutTools] !== undefined) {
    throw new UsageError(
      `--mcp and --${withoutTools} cannot be combined: --mcp gives tools to one role. A pipeline gets them from openMcpServers() in its own code.`,
    );
  }
  if (options.detach && (options.docs ?? options.mcp ?? options.role) !== undefined) {
    throw new UsageError("--detach is for pipelines of the config, which workers can execute.");
  }
  if (options.detach && options.budgetUsd !== undefined) {
    throw new UsageError(
      "--budget-usd is for runs of this process; set LLM_BUDGET_USD_PER_RUN for the workers.",
    );
  }
  if (options.input !== undefined && (options.docs ?? options.mcp ?? options.role) !== undefined) {
    throw new UsageError(
      "--input is for pipelines of the config; --docs, --mcp and --role take a task.",
    );
  }
  if (options.approve && (options.mcp ?? options.role) !== undefined) {
    throw new UsageError(
      "--approve is for pipelines: one answer of a model has nothing to approve.",
    );
  }
}

/**
 * Returns the pipeline that the options name, or the only one of the config; `undefined` for a built-in pipeline.
 *
 * @throws {UsageError} for an unknown name, and without a name if the config has several pipelines
 */
function choosePipeline(
  { docs, mcp, pipeline, role, approve, input, detach }: RunTaskOptions,
  pipelines: readonly Pipeline[],
): Pipeline | undefined {
  if ((docs ?? mcp ?? role) !== undefined) return undefined;
  const names = pipelines.map(({ name }) => name);
  if (pipeline === undefined && pipelines.length > 1) {
    throw new UsageError(
      `The config has several pipelines: name one with --pipeline (${names.join(", ")}).`,
    );
  }
  const chosen = pipelines.find(({ name }) => pipeline === undefined || name === pipeline);
  if (!chosen && pipeline !== undefined) {
    const meant = issues.didYouMean(issues.nearestName(pipeline, names));
    throw new UsageError(
      names.length > 0
        ? `There is no pipeline ${pipeline}${meant}; the config has: ${names.join(", ")}.`
        : `There is no pipeline ${pipeline}: expected one of orchestra.config.ts, which has none, or is not in this folder. orchestra init writes one, and --config names one elsewhere.`,
    );
  }
  if (!chosen && detach) {
    throw new UsageError("--detach needs a pipeline of the config, which workers can execute.");
  }
  if (!chosen && approve) {
    throw new UsageError("--approve needs --docs, or a pipeline of the config.");
  }
  if (!chosen && input !== undefined) {
    throw new UsageError("--input needs a pipeline of the config: without one, give a task.");
  }
  return chosen;
}

/** @throws {UsageError} for an unknown role: the default model would answer instead, and cost money */
async function checkRole(role: string, { settings, agentRoles }: PreparedRuns): Promise<void> {
  const ofAgents = await agentRoles();
  const roles = knownRoles(settings, ofAgents);
  if (roles.includes(role)) return;
  const near = nearestRole(role, settings, ofAgents);
  const meant = near === undefined ? `Roles: ${roles.join(", ")}.` : `Did you mean ${near}?`;
  throw new UsageError(
    `There is no role ${role} (--role). ${meant} To add a role, return its agent from agents in the config, as in agents: (orchestra) => [orchestra.agent(role)], or name it in AGENT_MODEL_MAP.`,
  );
}

/**
 * Reads the documents and the MCP config once, to find errors early. Prints how many documents were read, and which
 * were skipped, because the answer does not use those.
 *
 * @throws {DocumentsError} {@link McpServerError} for files that cannot be used
 */
async function checkFiles(
  { docs, mcp }: RunTaskOptions,
  { folder, environment, stderr }: CommandContext,
): Promise<void> {
  if (docs !== undefined) {
    const { describeSkipped, openDocuments } = await import("@orchestra/tools/documents");
    const { documents, skipped } = await openDocuments(resolve(folder, docs));
    const count = skipped.length > 0 ? ` (${skipped.length} skipped)` : "";
    stderr.write(`Read ${formatCount(documents.length, "document")}${count}\n`);
    const note = describeSkipped(skipped);
    if (note !== undefined) writeProse(stderr, escapeControls(note), "  ");
  }
  if (mcp !== undefined) {
    const { checkMcpConfig } = await import("@orchestra/tools/mcp");
    await checkMcpConfig(resolve(folder, mcp), { environment });
  }
}
