import { escapeControls } from "@orchestra/core";
import type { Run, RunStatus } from "@orchestra/runtime";
import type { Output, Surroundings } from "../surroundings.ts";
import { formatCost } from "../terminal/amounts.ts";
import { prepareRuns } from "./open-runs.ts";

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
  else for (const run of runs) printRun(run, stdout);
  if (runs.length === 0) stderr.write("There are no runs.\n");
  if (next !== undefined) stderr.write(`There are more: --limit shows more than ${limit}.\n`);
}

/** Two lines, which fit a narrow terminal. */
function printRun(run: Run, stdout: Output): void {
  const { id, status, pipeline, createdAt, usage, error } = run;
  const at = createdAt.slice(0, 16).replace("T", " ");
  const why = error
    ? `, ${error.name}`
    : run.hasWorker === false
      ? ", no worker has its version"
      : "";
  stdout.write(`${id}  ${status}\n`);
  stdout.write(`  ${escapeControls(`${at}  ${pipeline}  ${formatCost(usage)}${why}`)}\n`);
}
