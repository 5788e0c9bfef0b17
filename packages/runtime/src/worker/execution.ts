import { waits } from "@orchestra/core/extend";
import { v7 as uuidv7 } from "uuid";
import type { RunArtifacts } from "../artifacts/index.ts";
import { outlastOutages, type Database } from "../database/index.ts";
import type { LiveLane } from "../events/index.ts";
import type { ApiKeys } from "../keys/index.ts";
import { openRunJournal, type KeptEntry } from "../journal/index.ts";
import type { Lease } from "../queue/run-queue.ts";
import {
  cancelled,
  ended,
  failed,
  handedBack,
  openQuestions,
  pastDeadline,
  waitingFor,
  type End,
  type RunFailure,
  type RunRow,
} from "../runs/index.ts";
import { AwaitedRuns } from "./awaited-runs.ts";
import { failureOf, type Outcome } from "./outcome.ts";
import type { OutageLog } from "./outage-log.ts";
import { RunLog } from "./run-log.ts";
import { hasNoCheckpoints, runPipeline, type StepListener } from "./run-pipeline.ts";
import { RunStoppedError, type StopReason } from "./stop-reason.ts";
import { takeUp, type TakeUpServices } from "./take-up.ts";
import { Turns, type Turn } from "./turns.ts";

export interface ExecutionServices extends TakeUpServices {
  readonly database: Database;
  readonly live: LiveLane;
  readonly keys: ApiKeys;
  readonly artifacts: RunArtifacts;
  readonly outages: OutageLog;
  /** Called when the run begins to wait for another run. */
  readonly onWait: () => void;
  readonly redact: (text: string) => string;
  /** Maximum size of an output as JSON, in bytes. */
  readonly maxPayloadBytes: number;
  /** Like that of a run's log. */
  readonly onLate: (booked: Promise<void>) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Runs on their last allowed crash execute one at a time in a process, so that a run that crashes its worker
 * does not use up the attempts of the others.
 */
const lastChances = new Turns();

/** In characters. */
const maxMessageLength = 10_000;
/** In characters; the innermost calls are the first lines of a stack. */
const maxStackLength = 4000;

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength).toWellFormed()}… (${text.length} characters in all)`;
}

/** One execution of a run by this worker, from taking it from the queue to leaving it. */
export class Execution {
  readonly lease: Lease;
  /** Resolves when the worker is done with the run; never rejects because of the run. */
  readonly done: Promise<void>;
  readonly awaited: AwaitedRuns;
  readonly #services: ExecutionServices;
  readonly #stopped = new AbortController();

  constructor(lease: Lease, services: ExecutionServices) {
    this.lease = lease;
    this.awaited = new AwaitedRuns(services.onWait);
    this.#services = services;
    this.done = this.#execute();
  }

  get runId(): string {
    return this.lease.runId;
  }

  stop(reason: StopReason): void {
    this.#stopped.abort(new RunStoppedError(reason));
  }

  async #execute(): Promise<void> {
    const taken = await takeUp(this.lease, this.#services);
    if (taken !== "in-turn") return this.#conduct(taken);
    using turn = lastChances.take();
    if (await this.#await(turn)) {
      const row = await takeUp(this.lease, this.#services, { isInTurn: true });
      if (row !== "in-turn") await this.#conduct(row);
    }
  }

  /** Whether the turn has come, and the wait was not ended otherwise. */
  async #await({ begun }: Turn): Promise<boolean> {
    try {
      await waits.unlessAborted(begun, this.#stopped.signal);
      return true;
    } catch {
      // If it was cancelled, or its slot belongs to another already, this does nothing.
      await outlastOutages(() => this.#services.queue.handBack(this.lease));
      return false;
    }
  }

  /** Executes a claimed run, if there is one. */
  async #conduct(row: RunRow | undefined): Promise<void> {
    if (!row) return;
    const { store, live, database, outages, onLate, onError } = this.#services;
    const log = new RunLog({
      store,
      live,
      claim: { runId: row.id, jobId: this.lease.id, attempt: this.lease.retryCount },
      isNew: hasNoCheckpoints(row),
      transaction: (work) => database.transaction(work),
      onLost: () => this.stop({ kind: "lost" }),
      onOutage: (error) => outages.begin(`run ${row.id}`, error),
      onAnswer: () => outages.end(`run ${row.id}`),
      onLate,
      onError,
    });
    const end = await this.#endOf(row, log);
    // The cost from before the run was lost is booked before the worker may stop.
    if (!end) return log.flush();
    try {
      await this.#leave(row, log, end);
    } catch (error) {
      if (end.error) throw error;
      await this.#leave(row, log, endFor(this.#failed(row, failureOf(error)), row));
    }
  }

  async #leave(row: RunRow, log: RunLog, end: End): Promise<void> {
    const { queue } = this.#services;
    const until = end.waiting?.for === "quota" ? new Date(end.waiting.until) : undefined;
    if (until) {
      const jobId = uuidv7();
      const place = { ...row, id: jobId, runId: row.id, startAfter: until };
      await log.leave(end, { jobId, begin: (tx) => queue.replace(tx, this.lease.id, place) });
    } else if ((await log.leave(end)) && end.status === "queued") {
      await outlastOutages(() => queue.handBack(this.lease));
    }
  }

  /** Runs the pipeline, and decides how the run ends; does nothing if another worker has it. */
  async #endOf(row: RunRow, log: RunLog): Promise<End | undefined> {
    const { signal } = this.#stopped;
    using _ = this.#deadlineOf(row);
    try {
      return endFor(await this.#run(row, log, signal), row);
    } catch (error) {
      const { reason } = signal.aborted ? (signal.reason as RunStoppedError) : {};
      if (!reason) throw error;
      return reason.kind === "lost" ? undefined : endForStop(reason, this.#services.worker);
    }
  }

  async #run(row: RunRow, log: RunLog, signal: AbortSignal): Promise<Outcome> {
    const { database, keys, artifacts, pipelines, maxPayloadBytes } = this.#services;
    try {
      const pipeline = pipelines.get(row.pipeline, row.version);
      const runnable = await pipelines.runnable(row.pipeline, row.version);
      const { id: runId, partition, epoch, executions: execution, key_id: keyId } = row;
      const keep = (entry: KeptEntry) => log.keep(entry);
      const isFork = row.forked_from !== null;
      const journal = await openRunJournal({
        database,
        runId,
        partition,
        epoch,
        execution,
        isFork,
        signal,
        keep,
      });
      const key =
        keyId === null ? undefined : await outlastOutages(() => keys.get(keyId), { signal });
      const onStep: StepListener = (step, isStored) => log.stepEnd(step, isStored);
      const options = {
        row,
        pipeline,
        runnable,
        journal,
        key,
        artifactsFolder: artifacts.folderOf(runId),
        log,
        onEvent: log.onEvent,
        onStep,
        maxPayloadBytes,
        signal,
      };
      // Work that ignores its signal is not waited for. Its later writes are refused.
      const outcome = await waits.unlessAborted(
        this.awaited.during(() => runPipeline(options)),
        signal,
      );
      return outcome.kind === "failed" ? this.#failed(row, outcome.error) : outcome;
    } catch (error) {
      signal.throwIfAborted();
      return this.#failed(row, failureOf(error));
    }
  }

  #failed({ id: runId, pipeline }: RunRow, failure: RunFailure): Outcome {
    const { redact, logger, onError } = this.#services;
    const { message, stack } = failure;
    const error = {
      ...failure,
      // A secret that was cut in two would stay in the text.
      message: cut(redact(message), maxMessageLength),
      ...(stack !== undefined && { stack: redact(stack).slice(0, maxStackLength) }),
    };
    // An error of the logger must not change the outcome of the run.
    Promise.resolve()
      .then(() => logger.error("run failed", { runId, pipeline, error }))
      .catch(onError);
    return { kind: "failed", error };
  }

  #deadlineOf({ deadline_at: deadline }: RunRow): Disposable {
    const longest = 2 ** 31 - 1;
    const leftMs = deadline ? deadline.getTime() - Date.now() : Infinity;
    if (leftMs > longest) return { [Symbol.dispose]: () => undefined };
    const timer = setTimeout(() => this.stop({ kind: "deadline" }), Math.max(0, leftMs));
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  }
}

function endFor(outcome: Outcome, row: RunRow): End {
  switch (outcome.kind) {
    case "ended":
      return ended(outcome.status, outcome.output);
    case "failed":
      return failed(outcome.error);
    case "interrupted":
      return waitingFor(openQuestions(outcome.interrupts, new Date().toISOString()));
    case "out-of-quota": {
      const isTooLate = row.deadline_at && row.deadline_at.getTime() <= outcome.until;
      if (isTooLate) return failed(pastDeadline);
      return waitingFor({ for: "quota", until: new Date(outcome.until).toISOString() });
    }
  }
}

function endForStop(reason: Exclude<StopReason, { kind: "lost" }>, worker: string): End {
  switch (reason.kind) {
    case "cancelled":
      return cancelled();
    case "deadline":
      return failed(pastDeadline);
    case "handed-back":
      return handedBack(worker);
  }
}
