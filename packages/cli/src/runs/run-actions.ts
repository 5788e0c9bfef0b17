import { writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { files, sentences } from "@orchestra/core/extend";
import {
  hasEnded,
  RunStateError,
  type DecideOptions,
  type Run,
  type RunEvent,
  type Runtime,
} from "@orchestra/runtime";
import type { CommandContext } from "../command-context.ts";
import { widthOf, writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import { checkModels } from "./check-models.ts";
import { finishRun } from "./finish-run.ts";
import { openRunsWith, type OpenedRun, type OpenedRuns } from "./open-runs.ts";
import { describeDetails } from "./print-details.ts";
import { describeAdvice, describeRun, printOutput } from "./print-run.ts";
import { printTrace } from "./print-trace.ts";

export interface RunActionOptions {
  readonly config?: string | undefined;
  readonly json?: boolean | undefined;
}

/** The code of one `orchestra runs` command. */
export type RunAction<Options = RunActionOptions> = (
  /** The id of the run, or its first characters. */
  typed: string,
  options: Options,
  context: CommandContext,
) => Promise<void>;

export const showRun: RunAction = async (typed, { config, json }, context) => {
  const { stdout, stderr } = context;
  await using runs = await openRunsWith(typed, { config }, context);
  const { runtime, id } = runs;
  const run = await runtime.get(id);
  if (json) {
    stdout.write(`${JSON.stringify(run, null, 2)}\n`);
    return;
  }
  const width = widthOf(stderr);
  printOutput(run, stdout);
  const details = {
    run,
    events: await readEvents(runtime, run),
    artifacts: await runtime.artifacts(id),
  };
  stderr.write(`${describeDetails(details, width)}\n`);
  stderr.write(`${describeRun(run, { width, ...runs.contextOf(run) })}\n`);
};

export const watchRun: RunAction = async (typed, options, context) => {
  await using runs = await openRunsWith(typed, options, context);
  await finishRun(runs, await runs.runtime.get(runs.id), options, context);
};

export const traceRun: RunAction = async (typed, { config, json }, context) => {
  await using runs = await openRunsWith(typed, { config }, context);
  const run = await runs.runtime.get(runs.id);
  const events = await readEvents(runs.runtime, run);
  const { stdout } = context;
  if (json) stdout.write(`${JSON.stringify(events, null, 2)}\n`);
  else printTrace(run, events, stdout, runs.contextOf(run));
};

/** The events that are stored now. It does not wait for later ones. */
async function readEvents(runtime: Runtime, { id, lastEvent }: Run) {
  const events: RunEvent[] = [];
  if (lastEvent === 0) return events;
  for await (const event of runtime.events(id)) {
    events.push(event);
    if (event.number !== undefined && event.number >= lastEvent) break;
  }
  return events;
}

export const cancelRun: RunAction<RunActionOptions & { readonly reason?: string }> = async (
  typed,
  options,
  context,
) => {
  await using runs = await openRunsWith(typed, options, context);
  const run = await runs.runtime.cancel(runs.id, options.reason);
  printChanged(runs, run, options, context);
};

export const approveRun: RunAction<
  RunActionOptions & DecideOptions & { readonly by?: string; readonly note?: string }
> = (typed, { by, note, interrupt, ...options }, context) =>
  decide(typed, options, context, ({ runtime, id }) =>
    runtime.approve(id, { interrupt, ...(by ? { by } : {}), ...(note ? { note } : {}) }),
  );

export const rejectRun: RunAction<
  RunActionOptions & DecideOptions & { readonly by?: string; readonly reason?: string }
> = (typed, { by, reason, interrupt, ...options }, context) =>
  decide(typed, options, context, ({ runtime, id }) =>
    runtime.reject(id, { interrupt, ...(by ? { by } : {}), ...(reason ? { reason } : {}) }),
  );

export const resumeRun: RunAction = (typed, options, context) =>
  change(typed, options, context, ({ runtime, id }) => runtime.resume(id));

export const retryRun: RunAction<RunActionOptions & { readonly from?: string }> = (
  typed,
  { from, ...options },
  context,
) => change(typed, options, context, ({ runtime, id }) => runtime.retry(id, from ? { from } : {}));

export const forkRun: RunAction<
  RunActionOptions & {
    readonly from?: string;
    readonly input?: unknown;
    readonly model?: Readonly<Record<string, string>>;
  }
> = (typed, { from, input, model, ...options }, context) =>
  change(typed, options, context, ({ runtime, id }) =>
    runtime.fork(id, {
      ...(from === undefined ? {} : { from }),
      ...(input === undefined ? {} : { input }),
      ...(model === undefined ? {} : { models: model }),
    }),
  );

export const answerRun: RunAction<
  RunActionOptions & DecideOptions & { readonly value: unknown }
> = (typed, { value, interrupt, ...options }, context) =>
  decide(typed, options, context, ({ runtime, id }) => runtime.decide(id, value, { interrupt }));

export const exportRun: RunAction<RunActionOptions & { readonly output?: string }> = async (
  typed,
  { config, output },
  context,
) => {
  const { folder, stdout, stderr } = context;
  await using runs = await openRunsWith(typed, { config }, context);
  const exported = `${JSON.stringify(await runs.runtime.export(runs.id), null, 2)}\n`;
  if (output === undefined) {
    stdout.write(exported);
    return;
  }
  const path = resolve(folder, output);
  try {
    await writeFile(path, exported);
  } catch (error) {
    const hasFolder = (error as NodeJS.ErrnoException).code !== "ENOENT";
    const why = hasFolder ? files.describeFileError(error) : `there is no folder ${dirname(path)}`;
    throw new UsageError(
      `The export cannot be written to ${path}: ${why}. Name another file with --output.`,
      { cause: error },
    );
  }
  writeProse(stderr, `The journal of run ${runs.id} is in ${path}.`);
};

interface ChangeOptions extends RunActionOptions {
  readonly allowsNoKey?: boolean;
}

/** Changes a run by a decision. That needs no key: the decision is stored, and a rejected run calls no model. */
const decide: typeof change = (typed, options, context, work) =>
  change(typed, { ...options, allowsNoKey: true }, context, work);

/** Changes a run, and executes it in this process if no other process will. */
async function change(
  typed: string,
  options: ChangeOptions,
  context: CommandContext,
  work: (runs: OpenedRun) => Promise<Run>,
): Promise<void> {
  await using runs = await openRunsWith(typed, options, context);
  const before = await runs.runtime.get(runs.id);
  if (runs.isForThisProcess(before) && !runs.noKey) await checkModels(runs, context);
  const { lastEvent, input } = before;
  const { docs } = (input ?? {}) as { readonly docs?: unknown };
  if (typeof docs === "string") runs.useDocs(docs);
  const run = await work(runs).catch((error: unknown) => explainRefusal(error, runs));
  const after = run.id === runs.id ? lastEvent : 0;
  if (runs.isForThisProcess(run)) {
    await finishRun(runs, run, { ...options, after }, context);
    return;
  }
  printChanged(runs, run, options, context);
}

/** Adds to the error of a run in another state what can be done with it, unless it has ended. */
async function explainRefusal(
  error: unknown,
  { runtime, id, contextOf }: OpenedRun,
): Promise<never> {
  if (!RunStateError.isInstance(error)) throw error;
  const run = await runtime.get(id);
  if (hasEnded(run)) throw error;
  const advice = describeAdvice(run, { width: Infinity, ...contextOf(run) });
  throw new UsageError([sentences.withStop(error.message), ...advice].join("\n"), { cause: error });
}

function printChanged(
  { contextOf }: OpenedRuns,
  run: Run,
  { json }: RunActionOptions,
  { stdout, stderr }: CommandContext,
): void {
  if (json) stdout.write(`${JSON.stringify(run, null, 2)}\n`);
  stderr.write(`${describeRun(run, { width: widthOf(stderr), ...contextOf(run) })}\n`);
}
