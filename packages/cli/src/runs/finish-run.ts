import { addAbortListener } from "node:events";
import { escapeControls, messageOf, runBudgetAdvice } from "@orchestra/core/extend";
import { hasEnded, type Run } from "@orchestra/runtime";
import { FailedError } from "../errors/failed-error.ts";
import type { InterruptedError } from "../interruption.ts";
import type { Surroundings } from "../surroundings.ts";
import { widthOf, wrap, writeProse } from "../terminal/wrap.ts";
import { UsageError } from "../errors/usage-error.ts";
import type { OpenedRuns } from "./open-runs.ts";
import { describeRun, printOutput } from "./print-run.ts";
import { createProgress } from "./progress.ts";

export interface FinishOptions {
  /** Print the run as JSON instead of its answer. */
  readonly json?: boolean | undefined;
  /** Number of the last event that is not to be shown. @defaultValue `0` */
  readonly after?: number | undefined;
  /** The run's budget, where `--budget-usd` set it. */
  readonly budgetUsd?: number | undefined;
  /** Whether the run was to wait for a person, by `--approve`. */
  readonly approve?: boolean | undefined;
}

/** Exit codes of commands that wait for a run. */
const runExitCodes = { failed: 1, rejected: 3, waiting: 4 } as const;

/**
 * Shows a run's progress until it ends or waits for someone, then prints its answer. Executes it in this
 * process where no other will.
 *
 * @throws {FailedError} for a run that did not succeed
 * @throws {UsageError} for a run that neither this process nor another can execute
 * @throws {SettingsError} where this process has no key, and the run needs a model
 * @throws the signal's reason; the run stays in the database, and can be continued
 */
export async function finishRun(
  runs: OpenedRuns,
  { id }: Run,
  { json = false, after = 0, budgetUsd, approve = false }: FinishOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { runtime, command, noKey } = runs;
  const { signal, stderr } = surroundings;
  const sayHowToContinue = (text: string) => {
    writeProse(stderr, text);
    stderr.write(`  ${escapeControls(command(`runs watch ${id}`))}\n`);
  };
  // At once: a second signal ends the process before it could say anything.
  using _ = addAbortListener(signal, () => {
    stderr.write(afterEcho(surroundings));
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
    const ended = await follow(runs, id, after, surroundings, notice);
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
    report(
      ended,
      describeRun(shown, { width: widthOf(stderr), command, obstacle }),
      json,
      surroundings,
    );
  } finally {
    await worker?.drain();
  }
}

/** The command is not broken. */
function describeQueued(run: Run, { command, isKnown }: OpenedRuns, width: number): string {
  if (isKnown(run)) {
    return escapeControls(`The run waits for a worker: ${command("worker")} starts one.`);
  }
  const { pipeline, version } = run;
  const text = `The run waits for a worker that has the pipeline ${pipeline}, version ${version}, which is not in the config.`;
  return wrap(escapeControls(text), width);
}

/** Executes this run alone: others may have been stopped on purpose, or belong to other documents. */
async function work({ runtime, useDocs }: OpenedRuns, { id, input }: Run, notice: OutageNotice) {
  const { docs } = (input ?? {}) as { readonly docs?: unknown };
  if (typeof docs === "string") useDocs(docs);
  return runtime.work({ runs: [id], graceMs: 0, onOutage: notice.show });
}

/** @returns the run when it ends or waits for someone; nothing where a key is needed before */
async function follow(
  { runtime, noKey }: OpenedRuns,
  id: string,
  after: number,
  surroundings: Surroundings,
  notice: OutageNotice,
): Promise<Run | undefined> {
  const { signal } = surroundings;
  const stop = noKey ? AbortSignal.any([signal, noKey.needed]) : signal;
  const show = createProgress(surroundings);
  let waiting: Run | undefined;
  const options = { after, signal: stop, onOutage: notice.show };
  for await (const event of runtime.events(id, options)) {
    notice.isOver();
    show(event);
    if (event.type === "run-waiting") {
      const run = await runtime.get(id);
      waiting = isOver(run) && !hasEnded(run) ? run : undefined;
    }
    // A wait of the past, which a decision has ended, has events after it.
    if (waiting && (event.number ?? 0) >= waiting.lastEvent) return waiting;
  }
  signal.throwIfAborted();
  return stop.aborted ? undefined : runtime.get(id);
}

async function hasWaited({ runtime }: OpenedRuns, { id }: Run): Promise<boolean> {
  for await (const { type } of runtime.events(id)) if (type === "run-waiting") return true;
  return false;
}

/** Says once of each outage that the command waits for the database, whichever part of it notices that. */
class OutageNotice {
  readonly #stderr: Surroundings["stderr"];
  #isShown = false;

  constructor(stderr: Surroundings["stderr"]) {
    this.#stderr = stderr;
  }

  readonly show = (error: unknown): void => {
    if (this.#isShown) return;
    this.#isShown = true;
    const text = `The database cannot be used now (${messageOf(error)}); this waits until it can.`;
    writeProse(this.#stderr, escapeControls(text));
  };

  isOver(): void {
    this.#isShown = false;
  }
}

/** Whether nothing happens by itself any more. */
function isOver(run: Run): boolean {
  return hasEnded(run) || (run.status === "waiting" && run.waiting?.for !== "rate-limit");
}

/** Of the run's budget, the flag that set it instead of the settings. Resuming takes no flag. */
function withFlag(run: Run): Run {
  if (!run.error) return run;
  const message = run.error.message.replace(
    runBudgetAdvice,
    "Start it again with a higher --budget-usd; resumed, it has the budget of LLM_BUDGET_USD_PER_RUN.",
  );
  return { ...run, error: { ...run.error, message } };
}

/** A terminal has written `^C`, and stays in that line. */
function afterEcho({ signal, stderr }: Surroundings): string {
  const { signal: name } = signal.reason as Partial<InterruptedError>;
  return stderr.isTTY === true && name === "SIGINT" ? "\n" : "";
}

function report(run: Run, end: string, json: boolean, surroundings: Surroundings): void {
  const { stdout, stderr } = surroundings;
  if (json) stdout.write(`${JSON.stringify(run, null, 2)}\n`);
  else printOutput(run, stdout);
  stderr.write(`${end}\n`);
  if (run.status === "succeeded") return;
  if (run.status === "rejected") throw new FailedError(runExitCodes.rejected);
  throw new FailedError(run.status === "waiting" ? runExitCodes.waiting : runExitCodes.failed);
}
