import { escapeControls } from "@orchestra/core/gateway";
import type { Run, RunStatus } from "@orchestra/runtime";
import type { Output, CommandContext } from "../command-context.ts";
import { formatCost } from "../terminal/amounts.ts";
import { widthOf, wrap, wrapIndented, writeProse } from "../terminal/wrap.ts";
import { prepareRuns, type OpenedRuns, type PreparedRuns } from "./open-runs.ts";
import { describeOrigin } from "./print-details.ts";

export interface ListOptions {
  readonly config?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly pipeline?: string | undefined;
  readonly limit: number;
  readonly json?: boolean | undefined;
}

/** Prints the runs in the database, the newest first. */
export async function listRuns(options: ListOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const { config, status, pipeline, limit, json } = options;
  const prepared = await prepareRuns({ config }, context);
  await using opened = await prepared.openExisting();
  const { runs, next } = (await opened?.runtime.list({ status, pipeline, limit })) ?? { runs: [] };
  if (json) stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
  else if (opened) for (const run of runs) printRun(run, opened, stdout);
  if (runs.length === 0) writeProse(stderr, describeNone(options, context, prepared, opened));
  if (next !== undefined) writeProse(stderr, `There are more: --limit shows more than ${limit}.`);
}

/** Names the filter, or the folder without a database: the usual reasons for an empty list. */
function describeNone(
  { status, pipeline }: ListOptions,
  { folder }: CommandContext,
  { command }: PreparedRuns,
  opened: OpenedRuns | undefined,
): string {
  const isFiltered = pipeline !== undefined || status !== undefined;
  const text = opened
    ? `There are no runs${pipeline === undefined ? "" : ` of the pipeline ${pipeline}`}${status === undefined ? "" : ` with the status ${status}`}.`
    : `There are no runs: none was started in ${folder} yet.`;
  return escapeControls(isFiltered ? text : `${text} ${command("run TASK")} starts one.`);
}

/** Prints two lines for a run, and a third with a command if the run needs one to continue. */
function printRun(run: Run, runs: OpenedRuns, stdout: Output): void {
  const { id, status, pipeline, createdAt, usage, forkedFrom } = run;
  const width = widthOf(stdout);
  const at = createdAt.slice(0, 16).replace("T", " ");
  const origin = forkedFrom ? `, fork of ${describeOrigin(forkedFrom)}` : "";
  const trouble = troubleOf(run, runs);
  const about = `${at}  ${pipeline}  ${formatCost(usage)}${origin}${trouble?.text ?? ""}`;
  stdout.write(`${wrap(escapeControls(`${id}  ${status}`), width, "  ")}\n`);
  stdout.write(`${wrapIndented(escapeControls(about), width)}\n`);
  if (trouble?.command !== undefined) stdout.write(`  ${escapeControls(trouble.command)}\n`);
}

/** Why a run does not continue, and the command that continues it. */
function troubleOf(
  run: Run,
  { command, contextOf, isKnown }: OpenedRuns,
): { readonly text: string; readonly command?: string } | undefined {
  const { id, error, hasWorker, version } = run;
  const { isStopped, obstacle } = contextOf(run);
  if (error) return { text: `, ${error.name}` };
  if (isStopped) {
    if (obstacle !== undefined) return { text: ", stopped; its pipeline is not in the config" };
    return { text: ", stopped; continue with:", command: command(`runs watch ${id}`) };
  }
  if (hasWorker !== false) return undefined;
  const text = `, no worker has its version ${version}`;
  if (!isKnown(run)) return { text: `${text}, nor the config` };
  return { text: `${text}; start one with:`, command: command("worker") };
}
