import { addAbortListener } from "node:events";
import { escapeControls, messageOf, runBudgetAdvice } from "@orchestra/core/extend";
import { hasEnded, type Run } from "@orchestra/runtime";
import { FailedError } from "../errors/failed-error.ts";
import type { InterruptedError } from "../interruption.ts";
import type { CommandContext } from "../command-context.ts";
import { widthOf, wrap, writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import type { OpenedRuns } from "./open-runs.ts";
import { describeRun, printOutput } from "./print-run.ts";
import { createProgress } from "./progress.ts";

export interface FinishOptions {
  /** Print the run as JSON instead of its answer. */
  readonly json?: boolean | undefined;
  /** Only events with a higher number are printed. @defaultValue `0` */
  readonly after?: number | undefined;
  /** The run's budget, if `--budget-usd` has set it. */
  readonly budgetUsd?: number | undefined;
  /** Whether the user asked for an approval, by `--approve`. */
  readonly approve?: boolean | undefined;
}

/** Exit codes of commands that wait for a run. */
const runExitCodes = { failed: 1, rejected: 3, waiting: 4 } as const;

/**
 * Prints the progress of a run until it ends or waits for a person or the day's quota, then its answer. This process
 * executes the run if no other process will.
 *
 * @throws {FailedError} for a run that did not succeed
 * @throws {UsageError} for a run that neither this process nor another can execute
 * @throws {SettingsError} if this process has no key, and the run needs a model
 * @throws the signal's reason; the run stays in the database, and can be continued
 */
export async function finishRun(
  runs: OpenedRuns,
  { id }: Run,
  { json = false, after = 0, budgetUsd, approve = false }: FinishOptions,
  context: CommandContext,
): Promise<void> {
  const { runtime, command, noKey } = runs;
  const { signal, stderr } = context;
  const sayHowToContinue = (text: string) => {
    writeProse(stderr, text);
    stderr.write(`  ${escapeControls(command(`runs watch ${id}`))}\n`);
  };
  // Printed at the abort, not at the end: a second signal can end the process before that.
  using _ = addAbortListener(signal, () => {
    stderr.write(afterEcho(context));
    sayHowToContinue(`Run ${id} stays in the database. Continue it with:`);
  });
  const notice = new OutageNotice(stderr);
  const run = await runtime.get(id);
  const { obstacle } = runs.contextOf(run);
  if (obstacle !== undefined && !isOver(run)) throw new UsageError(obstacle);
  const worker =
    runs.isForThisProcess(run) && !isOver(run) ? await work(runs, run, notice) : undefined;
  if (!worker && run.status === "queued") {
    stderr.write(`${describeQueued(run, runs, widthOf(stderr))}\n`);
  }
  try {
    const ended = await follow(runs, id, after, context, notice);
    if (!ended) {
      sayHowToContinue(
        `The decision is kept, and run ${id} needs a model now. Set a key, and continue it with:`,
      );
      throw noKey?.error;
    }
    if (approve && ended.status === "succeeded" && !(await hasWaited(runs, ended))) {
      const text = `No person was asked: the pipeline ${ended.pipeline} has no approval. --approve is for pipelines of researchValidateExecute().`;
      writeProse(stderr, escapeControls(text));
    }
    const shown = budgetUsd === undefined ? ended : withFlag(ended);
    report(ended, describeRun(shown, { width: widthOf(stderr), command, obstacle }), json, context);
  } finally {
    await worker?.drain();
  }
}

/** The command line in it is not wrapped, so that the user can copy it. */
function describeQueued(run: Run, { command, isKnown }: OpenedRuns, width: number): string {
  if (isKnown(run)) {
    return escapeControls(`The run waits for a worker: ${command("worker")} starts one.`);
  }
  const { pipeline, version } = run;
  const text = `The run waits for a worker that has the pipeline ${pipeline}, version ${version}, which is not in the config.`;
  return wrap(escapeControls(text), width);
}

/** Starts a worker for this run only: other runs may have been stopped on purpose, or use other documents. */
async function work({ runtime, useDocs }: OpenedRuns, { id, input }: Run, notice: OutageNotice) {
  const { docs } = (input ?? {}) as { readonly docs?: unknown };
  if (typeof docs === "string") useDocs(docs);
  return runtime.work({ runs: [id], graceMs: 0, onOutage: notice.show });
}

/**
 * Prints the progress until the run ends or waits for a person or the day's quota.
 *
 * @returns the run; `undefined` if it needs a key that this process does not have
 */
async function follow(
  { runtime, noKey }: OpenedRuns,
  id: string,
  after: number,
  context: CommandContext,
  notice: OutageNotice,
): Promise<Run | undefined> {
  const { signal } = context;
  const stop = noKey ? AbortSignal.any([signal, noKey.needed]) : signal;
  const show = createProgress(context);
  let waiting: Run | undefined;
  const options = { after, signal: stop, onOutage: notice.show };
  for await (const event of runtime.events(id, options)) {
    notice.reset();
    show(event);
    if (event.type === "run-waiting") {
      const run = await runtime.get(id);
      waiting = isOver(run) && !hasEnded(run) ? run : undefined;
    }
    // If there are events after this one, the wait has already ended, for example by a decision.
    if (waiting && (event.number ?? 0) >= waiting.lastEvent) return waiting;
  }
  signal.throwIfAborted();
  return stop.aborted ? undefined : runtime.get(id);
}

async function hasWaited({ runtime }: OpenedRuns, { id }: Run): Promise<boolean> {
  for await (const { type } of runtime.events(id)) if (type === "run-waiting") return true;
  return false;
}

/** Prints once for each outage of the database that the command waits, even if several parts report the outage. */
class OutageNotice {
  readonly #stderr: CommandContext["stderr"];
  #isShown = false;

  constructor(stderr: CommandContext["stderr"]) {
    this.#stderr = stderr;
  }

  readonly show = (error: unknown): void => {
    if (this.#isShown) return;
    this.#isShown = true;
    const text = `The database is not available (${messageOf(error)}). The command continues when it is.`;
    writeProse(this.#stderr, escapeControls(text));
  };

  /** The database is available again: the next outage is printed. */
  reset(): void {
    this.#isShown = false;
  }
}

/** Whether the command stops waiting: the run has ended, or it waits for a person or the day's quota. */
function isOver(run: Run): boolean {
  return hasEnded(run) || (run.status === "waiting" && run.waiting?.for !== "rate-limit");
}

/**
 * Replaces the advice of an error about the run's budget, which `--budget-usd` has set instead of a setting. Resuming
 * a run takes no budget.
 */
function withFlag(run: Run): Run {
  if (!run.error) return run;
  const message = run.error.message.replace(
    runBudgetAdvice,
    "Start it again with a higher --budget-usd; resumed, it has the budget of LLM_BUDGET_USD_PER_RUN.",
  );
  return { ...run, error: { ...run.error, message } };
}

/** A line break if a terminal has printed `^C`: the cursor is still in that line. */
function afterEcho({ signal, stderr }: CommandContext): string {
  const { signal: name } = signal.reason as Partial<InterruptedError>;
  return stderr.isTTY === true && name === "SIGINT" ? "\n" : "";
}

function report(run: Run, end: string, json: boolean, context: CommandContext): void {
  const { stdout, stderr } = context;
  if (json) stdout.write(`${JSON.stringify(run, null, 2)}\n`);
  else printOutput(run, stdout);
  stderr.write(`${end}\n`);
  if (run.status === "succeeded") return;
  if (run.status === "rejected") throw new FailedError(runExitCodes.rejected);
  throw new FailedError(run.status === "waiting" ? runExitCodes.waiting : runExitCodes.failed);
}
