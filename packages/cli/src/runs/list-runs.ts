import { escapeControls } from "@orchestra/core";
import type { Run, RunStatus } from "@orchestra/runtime";
import { commandName } from "../command-name.ts";
import type { Surroundings } from "../surroundings.ts";
import { formatCost } from "../terminal/amounts.ts";
import { widthOf, wrap, wrapIndented } from "../terminal/wrap.ts";
import { prepareRuns } from "./open-runs.ts";
import { describeOrigin } from "./print-details.ts";

export interface ListOptions {
  readonly config?: string | undefined;
  readonly status?: RunStatus | undefined;
  readonly pipeline?: string | undefined;
  readonly limit: number;
  readonly json?: boolean | undefined;
}

export async function listRuns(options: ListOptions, surroundings: Surroundings): Promise<void> {
  const { stdout, stderr } = surroundings;
  const { config, status, pipeline, limit, json } = options;
  const prepared = await prepareRuns({ config }, surroundings);
  await using opened = (await prepared.hasDatabase()) ? await prepared.open() : undefined;
  const { runs, next } = (await opened?.runtime.list({ status, pipeline, limit })) ?? { runs: [] };
  if (json) stdout.write(`${JSON.stringify(runs, null, 2)}\n`);
  else for (const run of runs) printRun(run, opened?.isStopped(run) ?? false, surroundings);
  if (runs.length === 0) stderr.write("There are no runs.\n");
  if (next !== undefined) stderr.write(`There are more: --limit shows more than ${limit}.\n`);
}

/** Two lines, or three with the command that continues it. */
function printRun(run: Run, isStopped: boolean, { stdout, environment }: Surroundings): void {
  const { id, status, pipeline, createdAt, usage, forkedFrom } = run;
  const width = widthOf(stdout);
  const at = createdAt.slice(0, 16).replace("T", " ");
  const origin = forkedFrom ? `, fork of ${describeOrigin(forkedFrom)}` : "";
  const about = `${at}  ${pipeline}  ${formatCost(usage)}${origin}${describeTrouble(run, isStopped)}`;
  stdout.write(`${wrap(escapeControls(`${id}  ${status}`), width, "  ")}\n`);
  stdout.write(`${wrapIndented(escapeControls(about), width)}\n`);
  if (isStopped) stdout.write(`  ${commandName(environment)} runs watch ${escapeControls(id)}\n`);
}

function describeTrouble({ error, hasWorker }: Run, isStopped: boolean): string {
  if (error) return `, ${error.name}`;
  if (isStopped) return ", stopped; continue with:";
  return hasWorker === false ? ", no worker has its version" : "";
}
